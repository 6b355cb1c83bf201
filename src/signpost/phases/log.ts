// Run by log_by_lua_file for each request; see rewrite.ts.
((_G.package.loaded["signpost"] ?? _G.require("signpost")) as typeof import("../../signpost")).log();

// Run by content_by_lua_file; see rewrite.ts.
((_G.package.loaded["signpost"] ?? _G.require("signpost")) as typeof import("../../signpost")).status();

// Run by balancer_by_lua_file for each try; see rewrite.ts.
((_G.package.loaded["signpost"] ?? _G.require("signpost")) as typeof import("../../signpost")).balancer();

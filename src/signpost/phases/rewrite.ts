// Run by rewrite_by_lua_file for each request. One call, because nginx runs a chunk's own body interpreted, and compiles
// the functions it calls. Calling `require` costs as much as the look-up itself: mostly the module is there already.
((_G.package.loaded["signpost"] ?? _G.require("signpost")) as typeof import("../../signpost")).rewrite();

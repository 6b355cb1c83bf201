// Run by rewrite_by_lua_file for each request. It is one call, because LuaJIT interprets the chunk itself and compiles
// the functions that it calls. The module is nearly always loaded, and calling `require` would cost as much as the
// look-up.
((_G.package.loaded["signpost"] ?? _G.require("signpost")) as typeof import("../../signpost")).rewrite();

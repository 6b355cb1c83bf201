// Run by rewrite_by_lua_file for each request. One call, because nginx runs a chunk's own body interpreted, and compiles
// the functions it calls. Through `_G`, so that TypeScriptToLua leaves the name as it is for Lua to find.
(_G.require("signpost") as typeof import("../../signpost")).rewrite();

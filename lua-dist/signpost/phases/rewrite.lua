local ____G_package_loaded_signpost_0 = _G.package.loaded.signpost
if ____G_package_loaded_signpost_0 == nil then
    ____G_package_loaded_signpost_0 = _G.require("signpost")
end
-- Run by rewrite_by_lua_file for each request. It is one call, because LuaJIT interprets the chunk itself and compiles
-- the functions that it calls. The module is nearly always loaded, and calling `require` would cost as much as the
-- look-up.
____G_package_loaded_signpost_0.rewrite()

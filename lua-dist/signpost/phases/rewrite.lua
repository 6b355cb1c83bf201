local ____G_package_loaded_signpost_0 = _G.package.loaded.signpost
if ____G_package_loaded_signpost_0 == nil then
    ____G_package_loaded_signpost_0 = _G.require("signpost")
end
-- Run by rewrite_by_lua_file for each request. One call, because nginx runs a chunk's own body interpreted, and compiles
-- the functions it calls. Calling `require` costs as much as the look-up itself: mostly the module is there already.
____G_package_loaded_signpost_0.rewrite()

local ____G_package_loaded_signpost_0 = _G.package.loaded.signpost
if ____G_package_loaded_signpost_0 == nil then
    ____G_package_loaded_signpost_0 = _G.require("signpost")
end
-- Run by content_by_lua_file; see rewrite.ts.
____G_package_loaded_signpost_0.status()

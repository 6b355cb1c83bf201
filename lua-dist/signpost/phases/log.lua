local ____G_package_loaded_signpost_0 = _G.package.loaded.signpost
if ____G_package_loaded_signpost_0 == nil then
    ____G_package_loaded_signpost_0 = _G.require("signpost")
end
-- Run by log_by_lua_file for each request; see rewrite.ts.
____G_package_loaded_signpost_0.log()

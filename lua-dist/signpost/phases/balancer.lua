local ____G_package_loaded_signpost_0 = _G.package.loaded.signpost
if ____G_package_loaded_signpost_0 == nil then
    ____G_package_loaded_signpost_0 = _G.require("signpost")
end
____G_package_loaded_signpost_0.balancer()

local ____exports = {}
local ____target = require("signpost.format.target")
local POOL_NAME_BYTES = ____target.POOL_NAME_BYTES
local ____written_host = require("signpost.format.written_host")
local matchableName = ____written_host.matchableName
local ____addresses = require("signpost.redis.addresses")
local addressesOfPool = ____addresses.addressesOfPool
local addressesOfRoute = ____addresses.addressesOfRoute
local ____forms = require("signpost.redis.forms")
local POOL_FORMS = ____forms.POOL_FORMS
local ROUTE_FORMS = ____forms.ROUTE_FORMS
--- `route:app.example.com`, in the cache `app.example.com`: a host, or a wildcard.
____exports.ROUTES = {
    prefixSetting = "route_prefix",
    sign = "",
    longestName = 254,
    forms = ROUTE_FORMS,
    badWord = "bad_route",
    addressesOf = addressesOfRoute,
    meantName = matchableName
}
--- `pool:web`, in the cache `@web`, as targets write it.
____exports.POOLS = {
    prefixSetting = "pool_prefix",
    sign = "@",
    longestName = POOL_NAME_BYTES,
    forms = POOL_FORMS,
    badWord = "bad_pool",
    addressesOf = addressesOfPool,
    meantName = function() return nil end
}
--- All spaces. A new kind of key is one more row here, and a setting for its prefix.
____exports.KEY_SPACES = {____exports.ROUTES, ____exports.POOLS}
---
-- @returns the space that a name of the cache belongs to.
function ____exports.spaceOf(name)
    for ____, space in ipairs(____exports.KEY_SPACES) do
        local sign = space.sign
        if sign ~= "" and string.sub(name, 1, #sign) == sign then
            return space
        end
    end
    return ____exports.ROUTES
end
return ____exports

local ____exports = {}
local begins
local ____target = require("signpost.routing.target")
local POOL_NAME_BYTES = ____target.POOL_NAME_BYTES
local ____written_host = require("signpost.routing.written_host")
local matchableName = ____written_host.matchableName
function begins(text, prefix)
    return string.sub(text, 1, #prefix) == prefix
end
--- What a pool's name begins with in the cache, where pools are held next to the hosts: `@web`, as targets write it.
____exports.POOL_SIGN = "@"
local SIGN_BYTE = 64
--- The longest name that a host tries: one of 253 bytes that begins with a dot, as a wildcard.
local HOST_BYTES = 254
---
-- @returns whether a name of the cache is a pool's: no host's begins so.
function ____exports.isPoolName(name)
    return string.byte(name) == SIGN_BYTE
end
---
-- @param poolPrefix another than `routePrefix`; either may be empty
-- @param unmatchable told of such keys as `eachName` is asked for
function ____exports.newKeys(routePrefix, poolPrefix, unmatchable)
    local tellRoute, tellPool
    function tellRoute(key, tell)
        local length = #key - #routePrefix
        if length < 1 or length > HOST_BYTES or not begins(key, routePrefix) then
            return
        end
        local name = string.sub(key, #routePrefix + 1)
        if ____exports.isPoolName(name) then
            return
        end
        if unmatchable ~= nil then
            local meant = matchableName(name, routePrefix == "")
            if meant ~= nil then
                unmatchable(key, routePrefix .. meant)
            end
        end
        tell(name)
    end
    function tellPool(key, tell)
        local length = #key - #poolPrefix
        if length < 1 or length > POOL_NAME_BYTES or not begins(key, poolPrefix) then
            return
        end
        tell(____exports.POOL_SIGN .. string.sub(key, #poolPrefix + 1))
    end
    local isPoolFirst = #poolPrefix > #routePrefix
    return {
        routePrefix = routePrefix,
        poolPrefix = poolPrefix,
        keyOf = function(name) return ____exports.isPoolName(name) and poolPrefix .. string.sub(name, 2) or routePrefix .. name end,
        eachName = function(key, tell)
            if isPoolFirst then
                tellPool(key, tell)
            end
            tellRoute(key, tell)
            if not isPoolFirst then
                tellPool(key, tell)
            end
        end,
        covers = function(key) return begins(key, routePrefix) or begins(key, poolPrefix) end
    }
end
return ____exports

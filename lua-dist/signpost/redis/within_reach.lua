local ____exports = {}
local addressesOf, addPeers
local ____pool_definition = require("signpost.format.pool_definition")
local compilePool = ____pool_definition.compilePool
local ____route = require("signpost.format.route")
local compileRoute = ____route.compileRoute
local ____keys = require("signpost.redis.keys")
local isPoolName = ____keys.isPoolName
--- All addresses in the text of a good record.
function addressesOf(name, text)
    local addresses = {}
    if isPoolName(name) then
        local pool = compilePool(text)
        for ____, ____value in ipairs(pool and pool.members or ({})) do
            local address = ____value.address
            addresses[#addresses + 1] = address
        end
        return addresses
    end
    local route = compileRoute(text)
    if (route and route.kind) == "paths" then
        for ____, ____value in ipairs(route.paths) do
            local to = ____value.to
            addPeers(to, addresses)
        end
    elseif route ~= nil and route.kind ~= "no_backend" then
        addPeers(route, addresses)
    end
    return addresses
end
function addPeers(target, addresses)
    if target.kind ~= "peers" then
        return
    end
    for ____, peer in ipairs(target.peers) do
        addresses[#addresses + 1] = peer
    end
end
---
-- @returns a reading that is bad if it was good, but leads where it may not
function ____exports.withinReach(reach, name, reading)
    if reach == nil or reading.kind ~= "route" then
        return reading
    end
    for ____, address in ipairs(addressesOf(name, reading.text)) do
        local reason = reach(address)
        if reason ~= nil then
            return {kind = "bad", reason = reason}
        end
    end
    return reading
end
return ____exports

local ____exports = {}
local addPeers
local ____pool_definition = require("signpost.format.pool_definition")
local compilePool = ____pool_definition.compilePool
local ____route = require("signpost.format.route")
local compileRoute = ____route.compileRoute
function addPeers(target, addresses)
    if target.kind ~= "peers" then
        return
    end
    for ____, peer in ipairs(target.peers) do
        addresses[#addresses + 1] = peer
    end
end
---
-- @returns all addresses in the text of a good route.
function ____exports.addressesOfRoute(text)
    local addresses = {}
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
---
-- @returns the addresses of all members in the text of a good pool.
function ____exports.addressesOfPool(text)
    local addresses = {}
    local pool = compilePool(text)
    for ____, ____value in ipairs(pool and pool.members or ({})) do
        local address = ____value.address
        addresses[#addresses + 1] = address
    end
    return addresses
end
return ____exports

local ____exports = {}
local newPool, peersOf, newPicker, areAllPoolable
local ____all_up = require("signpost.upstream.all_up")
local rememberAllUp = ____all_up.rememberAllUp
local ____consistent_hash = require("signpost.upstream.consistent_hash")
local consistentHash = ____consistent_hash.consistentHash
local ____least_conn = require("signpost.upstream.least_conn")
local leastConn = ____least_conn.leastConn
local ____peer = require("signpost.upstream.peer")
local newPeer = ____peer.newPeer
local ____picker = require("signpost.upstream.picker")
local withoutDrained = ____picker.withoutDrained
local ____pool_spec = require("signpost.upstream.pool_spec")
local compilePool = ____pool_spec.compilePool
local specOfAddresses = ____pool_spec.specOfAddresses
local ____round_robin = require("signpost.upstream.round_robin")
local roundRobin = ____round_robin.roundRobin
function newPool(spec, before, parts)
    local peers = peersOf(spec)
    local picker = (before and before.spec.balance) == spec.balance and before.picker or newPicker(spec, parts)
    picker.update(peers)
    return {
        spec = spec,
        peers = peers,
        picker = picker,
        isPoolable = areAllPoolable(peers),
        areAllUp = rememberAllUp(
            withoutDrained(peers),
            parts.health
        ),
        rules = {maxFails = spec.maxFails, failWindow = spec.failWindow, failTimeout = spec.failTimeout}
    }
end
function peersOf(____bindingPattern0)
    local members
    members = ____bindingPattern0.members
    local peers = {}
    for ____, ____value in ipairs(members) do
        local address = ____value.address
        local weight = ____value.weight
        peers[#peers + 1] = newPeer(address, weight)
    end
    return peers
end
function newPicker(____bindingPattern0, ____bindingPattern1)
    local balance
    balance = ____bindingPattern0.balance
    local hash
    local random
    random = ____bindingPattern1.random
    hash = ____bindingPattern1.hash
    if balance == "least_conn" then
        return leastConn(random)
    end
    if balance == "hash" then
        return consistentHash(hash)
    end
    return roundRobin(random)
end
function areAllPoolable(peers)
    for ____, ____value in ipairs(peers) do
        local isPoolable = ____value.isPoolable
        if not isPoolable then
            return false
        end
    end
    return true
end
--- The maker for one worker.
function ____exports.poolMaker(parts)
    return {
        ofText = function(text, before)
            local spec, err, detail = compilePool(text)
            if err ~= nil then
                return nil, err, detail
            end
            return newPool(spec, before, parts), nil
        end,
        ofAddresses = function(addresses, before) return newPool(
            specOfAddresses(addresses),
            before,
            parts
        ) end
    }
end
return ____exports

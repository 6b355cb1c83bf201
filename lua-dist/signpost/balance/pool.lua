local ____exports = {}
local poolOf, poolOfOne, newPool, isPlain, rulesOf, peersOf, newPicker, areAllPoolable, DEFAULT_RULES
local ____address = require("signpost.format.address")
local printAddress = ____address.printAddress
local ____all_up = require("signpost.health.all_up")
local rememberAllUp = ____all_up.rememberAllUp
local ____consistent_hash = require("signpost.balance.consistent_hash")
local consistentHash = ____consistent_hash.consistentHash
local ____least_conn = require("signpost.balance.least_conn")
local leastConn = ____least_conn.leastConn
local ____one_peer = require("signpost.balance.one_peer")
local onePeer = ____one_peer.onePeer
local ____peer = require("signpost.balance.peer")
local newPeer = ____peer.newPeer
local ____picker = require("signpost.balance.picker")
local withoutDrained = ____picker.withoutDrained
local ____pool_definition = require("signpost.format.pool_definition")
local compilePool = ____pool_definition.compilePool
local definitionOfAddresses = ____pool_definition.definitionOfAddresses
local NO_OPTIONS = ____pool_definition.NO_OPTIONS
local ____round_robin = require("signpost.balance.round_robin")
local roundRobin = ____round_robin.roundRobin
local ____with_backups = require("signpost.balance.with_backups")
local withBackups = ____with_backups.withBackups
local ____standing_rules = require("signpost.health.standing_rules")
local rulesId = ____standing_rules.rulesId
function poolOf(definition, rules, before, parts)
    local peers, others, backups = peersOf(definition, rules)
    local isAlike = (before and before.only) == nil and (before and before.options.balance) == definition.options.balance
    local members = isAlike and before.members or newPicker(definition.options, parts)
    members.update(others)
    local ____isAlike_4
    if isAlike then
        ____isAlike_4 = before.backups
    else
        ____isAlike_4 = nil
    end
    local reserve = ____isAlike_4
    if #backups == 0 then
        return newPool(definition, {peers = peers, first = others, picker = members, members = members}, parts)
    end
    local backupPicker = reserve or newPicker(definition.options, parts)
    backupPicker.update(backups)
    local first = #withoutDrained(others) > 0 and others or backups
    local picker = withBackups(members, backupPicker)
    return newPool(definition, {
        peers = peers,
        first = first,
        picker = picker,
        members = members,
        backups = backupPicker
    }, parts)
end
function poolOfOne(peer, definition, parts)
    local picker = onePeer(peer)
    return newPool(definition, {
        peers = {peer},
        first = {peer},
        picker = picker,
        members = picker,
        only = peer
    }, parts)
end
function newPool(definition, made, parts)
    local ____definition_5 = definition
    local options = ____definition_5.options
    local weighty = withoutDrained(made.peers)
    return {
        kind = "backends",
        definition = definition,
        options = options,
        isPlain = isPlain(options),
        peers = made.peers,
        tries = math.min(options.tries, #weighty),
        only = made.only,
        picker = made.picker,
        members = made.members,
        backups = made.backups,
        isPoolable = areAllPoolable(weighty),
        areAllUp = rememberAllUp(
            withoutDrained(made.first),
            parts.health
        ),
        rules = options == NO_OPTIONS and DEFAULT_RULES or rulesOf(options)
    }
end
function isPlain(options)
    local ____options_6 = options
    local hashOn = ____options_6.hashOn
    local host = ____options_6.host
    local connectTimeout = ____options_6.connectTimeout
    local readTimeout = ____options_6.readTimeout
    local reuse = ____options_6.reuse
    local hasTimeout = connectTimeout ~= nil or readTimeout ~= nil
    return hashOn == nil and host == nil and not hasTimeout and reuse == "always"
end
function rulesOf(options)
    local ____options_7 = options
    local maxFails = ____options_7.maxFails
    local failWindow = ____options_7.failWindow
    local failTimeout = ____options_7.failTimeout
    return {maxFails = maxFails, failWindow = failWindow, failTimeout = failTimeout}
end
--- @returns all peers, in the order of the members; and the same peers in two groups
function peersOf(definition, rules)
    local peers = {}
    local others = {}
    local backups = {}
    for ____, ____value in ipairs(definition.members) do
        local address = ____value.address
        local weight = ____value.weight
        local isBackup = ____value.isBackup
        local peer = newPeer(address, weight, rules)
        peers[#peers + 1] = peer
        local ____temp_8 = isBackup == true and backups or others
        ____temp_8[#____temp_8 + 1] = peer
    end
    return peers, others, backups
end
function newPicker(options, parts)
    if options.balance == "least_conn" then
        return leastConn(parts.random)
    end
    if options.balance == "hash" then
        return consistentHash(parts.hash)
    end
    return roundRobin(parts.random)
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
---
-- @returns one worker's maker
function ____exports.poolMaker(parts)
    --- Pools of one address, for as long as a route uses them: ten thousand hosts may have the same backend.
    local singles = setmetatable({}, {__mode = "v"})
    return {
        ofText = function(text, before, name)
            local definition, err, detail = compilePool(text)
            if err ~= nil then
                return nil, err, detail
            end
            return poolOf(
                definition,
                rulesId(definition.options, name, parts.digest),
                before,
                parts
            ), nil
        end,
        ofAddresses = function(addresses, before)
            local definition = definitionOfAddresses(addresses)
            local single, second = definition.members[1], definition.members[2]
            if single == nil or second ~= nil then
                return poolOf(definition, "", before, parts)
            end
            local name = printAddress(single.address)
            local known = singles[name] or poolOfOne(
                newPeer(single.address, 1),
                definition,
                parts
            )
            singles[name] = known
            return known
        end
    }
end
DEFAULT_RULES = rulesOf(NO_OPTIONS)
return ____exports

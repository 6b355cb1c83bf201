local ____exports = {}
local isAnyone, isReachable, chooseStanding, win, NOT_TRIED
--- Chooses while all of the pool's peers are up: costs one pick, no table.
-- 
-- @param key the hash of what the pool hashes on; the other algorithms do not look at it
-- @returns nothing if all members drain; see `chooseCarefully`
function ____exports.chooseUp(pool, key)
    return pool.only or pool.picker.pick(isAnyone, key)
end
--- The request no longer uses a peer that it was given. Once for each choice.
-- 
-- @param wasSent false: it never went there, because it was answered elsewhere (no password, a cached page)
function ____exports.letGo(pool, peer, wasSent)
    if pool.only ~= nil then
        return
    end
    if wasSent then
        pool.picker.done(peer)
    else
        pool.picker.giveBack(peer)
    end
end
--- One request's choice when not all are known to be up, or on a further try: of those not tried yet, one that is up,
-- or one that is due if this request wins its trial. If there is none, all that are left are out. With `all_down` `try`
-- one of them is chosen all the same, though of those tried some may be up: to give up is no better. With `fail`, none.
-- 
-- The last member standing: who drains is not brought back because there is no other. A pool whose members all have
-- weight 0 gives none, whatever `all_down` says: `no_peer_up`.
-- 
-- @param tried the names of the peers this request has tried; it stays as it is
-- @returns nothing, too, when all have been tried: how the request ends is for the caller to say
function ____exports.chooseCarefully(pool, health, key, tried)
    local function isLeft(peer)
        return not (tried[peer.name] ~= nil) and isReachable(pool, peer)
    end
    local choice = chooseStanding(pool, health, key, isLeft)
    if choice ~= nil or pool.options.allDown == "fail" then
        return choice
    end
    local peer = pool.picker.pick(isLeft, key)
    local ____temp_0
    if peer == nil then
        ____temp_0 = nil
    else
        ____temp_0 = {peer = peer, as = "anyway"}
    end
    return ____temp_0
end
function isAnyone()
    return true
end
--- A request that went to the upstream block can have no peer that must go by address. Its pool's picker may give one:
-- meanwhile the pool may have been replaced, by one with such members.
function isReachable(pool, peer)
    return peer.isPoolable or not pool.isPoolable
end
--- Among those that are not out.
function chooseStanding(pool, health, key, isLeft)
    local ____pool_1 = pool
    local picker = ____pool_1.picker
    local rules = ____pool_1.rules
    local lost = {}
    local function mayTake(peer)
        return isLeft(peer) and not (lost[peer.name] ~= nil) and health.standing(peer.healthKey) ~= "out"
    end
    local peer = picker.pick(mayTake, key)
    while peer ~= nil do
        local as = win(peer.healthKey, health, rules)
        if as ~= nil then
            return {peer = peer, as = as}
        end
        picker.done(peer)
        lost[peer.name] = true
        peer = picker.pick(mayTake, key)
    end
    return nil
end
--- @returns nothing when another request, of any worker, was faster: it has the trial, or had it and the peer is out
function win(key, health, rules)
    local standing = health.standing(key)
    if standing == "up" then
        return "up"
    end
    if standing == "due" and health.claimTrial(key, rules) then
        return "trial"
    end
    return standing == "due" and health.standing(key) == "up" and "up" or nil
end
---
-- @returns the chooser of a worker's requests. While all peers of a pool are up, it asks `health` nothing.
function ____exports.newChooser(health)
    return {
        choose = function(pool, key, clock)
            if pool.areAllUp(clock) then
                local peer = ____exports.chooseUp(pool, key)
                if peer == nil then
                    return nil, nil
                end
                return peer, "up"
            end
            local choice = ____exports.chooseCarefully(pool, health, key, NOT_TRIED)
            if choice == nil then
                return nil, nil
            end
            return choice.peer, choice.as
        end,
        giveBack = function(pool, peer, as)
            ____exports.letGo(pool, peer, false)
            if as == "trial" then
                health.trialUnused(peer.healthKey)
            end
        end
    }
end
--- No names.
NOT_TRIED = {}
return ____exports

local ____exports = {}
local chooseUp, isAnyone, isReachable, chooseStanding, win, NOT_TRIED
--- Chooses while all of the pool's peers are up. Costs one pick and no table.
--
-- @param key see `Picker.pick`
-- @returns nothing if all members drain; see `chooseCarefully`
function chooseUp(pool, key)
    return pool.only or pool.picker.pick(isAnyone, key)
end
--- Gives a peer back when the request no longer uses it. Call it once for each choice.
-- 
-- @param wasSent false if the request never went there, because it was answered elsewhere (no password, a cached page)
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
--- Chooses when not all peers are known to be up, or for a further try. It takes a peer that was not tried yet and is
-- up, or one that is due if this request wins its trial. If there is none, all peers that are left are out. With
-- `all_down try` one of them is chosen anyway: this node's view may be wrong. With `all_down fail` none is.
-- 
-- A member that drains is never chosen. So a pool whose members all have weight 0 gives none, whatever `all_down` says.
-- 
-- @param tried the names of the peers that this request has tried; it stays as it is
-- @returns nothing, too, when all have been tried: the caller then ends the request
function ____exports.chooseCarefully(pool, health, key, tried)
    local function isLeft(peer)
        return not (tried[peer.name] ~= nil) and isReachable(pool, peer)
    end
    local choice = chooseStanding(pool, health, key, isLeft)
    if choice ~= nil or pool.options.allDown == "fail" then
        return choice
    end
    local peer = pool.picker.pick(isLeft, key)
    return peer ~= nil and ({peer = peer, as = "anyway"}) or nil
end
function isAnyone()
    return true
end
--- Whether the request can get to the peer. A request in the upstream block cannot have a peer that must go by address.
-- Its pool's picker may give one all the same: a newer pool with such members may have taken the picker over.
function isReachable(pool, peer)
    return peer.isPoolable or not pool.isPoolable
end
--- Chooses among the peers that are not out.
function chooseStanding(pool, health, key, isLeft)
    local ____pool_0 = pool
    local picker = ____pool_0.picker
    local rules = ____pool_0.rules
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
--- @returns nothing if a request of any worker was faster: it has the trial, or had it and the peer is out again
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
                local peer = pool.only or pool.picker.pick(isAnyone, key)
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
____exports.chooseUp = chooseUp
--- No names.
NOT_TRIED = {}
return ____exports

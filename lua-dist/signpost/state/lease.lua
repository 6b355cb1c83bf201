local ____exports = {}
local generationOf, PIDS
local ____keys = require("signpost.state.keys")
local STATE_KEYS = ____keys.STATE_KEYS
local STATE_PREFIXES = ____keys.STATE_PREFIXES
local ____stamp = require("signpost.state.stamp")
local isFromFuture = ____stamp.isFromFuture
local stampOf = ____stamp.stampOf
function generationOf(holder)
    return math.floor(holder / PIDS)
end
local KEY = STATE_KEYS.watcher
local GENERATIONS = STATE_KEYS.generations
--- Without renewal, a lease ends after this many seconds, and another worker takes over from one that died.
local LEASE_SECONDS = 0.8
PIDS = 2 ^ 22
---
-- @returns the number of a new generation of workers: all that begin between two reads of nginx's configuration. To be
-- called once for each, before there are workers.
-- 
-- Should the dict lose the number, it begins anew: such a generation waits until the lease of an older one ends.
function ____exports.newGeneration(state)
    -- dropped: it is there already, or there is no room for it
    state:safe_add(GENERATIONS, 0)
    local generation = state:incr(GENERATIONS, 1)
    return generation or 0
end
---
-- @returns what distinguishes a worker: one number, so that over another's it always has room.
function ____exports.holderId(generation, pid)
    return generation * PIDS + pid % PIDS
end
--- A lease that was taken before the clock was set back is void, or that of a dead worker would last until the clock has
-- come there again. Its flags say when it was taken; workers of version 0.1.0 leave them empty, and only read the value.
-- 
-- A lease of an older generation is void, too: its holder is about to be told to exit, and has other settings. Holders of
-- version 0.1.0, which are process ids alone, are of generation 0. A worker of an older generation cannot tell: for it the
-- lease is another's, as any other.
-- 
-- @param me see `holderId`
function ____exports.newLease(state, me, now)
    local generation = generationOf(me)
    local function isMine()
        local holder, stamp = state:get(KEY)
        return holder == me and not isFromFuture(
            stamp,
            now()
        )
    end
    local function renew()
        -- dropped: a number over a number always has room
        state:set(
            KEY,
            me,
            LEASE_SECONDS,
            stampOf(now())
        )
    end
    local function take()
        local taken = state:add(
            KEY,
            me,
            LEASE_SECONDS,
            stampOf(now())
        )
        return taken
    end
    --- One worker alone may take a void lease: the one that adds the entry named by the lease's stamp.
    local function takeFromFuture(stamp)
        local isFirst = state:add(
            STATE_PREFIXES.futureLease .. tostring(stamp),
            1,
            LEASE_SECONDS
        )
        if isFirst then
            state:delete(KEY)
        end
        return isFirst and take()
    end
    --- One worker alone of a generation takes over from an older one; another may only once that one has died.
    local function isSuccessor()
        local key = STATE_PREFIXES.successor .. tostring(generation)
        local isFirst = state:add(key, me, LEASE_SECONDS)
        local successor = state:get(key)
        return isFirst or successor == me
    end
    local function claim()
        local holder, stamp = state:get(KEY)
        if holder == nil then
            return take()
        end
        if isFromFuture(
            stamp,
            now()
        ) then
            return takeFromFuture(stamp)
        end
        if holder == me then
            renew()
            return true
        end
        return generationOf(holder) < generation and isSuccessor()
    end
    return {
        isMine = isMine,
        claim = claim,
        hold = function()
            local isClaimed = claim()
            if isClaimed then
                renew()
            end
            return isClaimed
        end,
        release = function()
            if isMine() then
                state:delete(KEY)
            end
        end
    }
end
return ____exports

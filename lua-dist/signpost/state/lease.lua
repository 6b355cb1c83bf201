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
-- @returns the number of a new generation of workers: all workers that begin between two reads of nginx's
-- configuration. Call it once for each generation, before there are workers.
-- 
-- If the dict loses the number, it starts from the beginning: the new generation then waits until the lease of an
-- older one ends.
function ____exports.newGeneration(state)
    -- dropped: it is there already, or there is no room for it
    state:safe_add(GENERATIONS, 0)
    local generation = state:incr(GENERATIONS, 1)
    return generation or 0
end
---
-- @returns a worker's id. It is one number, so the dict always has room to write it over another's.
function ____exports.holderId(generation, pid)
    return generation * PIDS + pid % PIDS
end
--- A lease that was taken before the clock was set back is void. Otherwise a dead worker's lease would last until the
-- clock reached that time again. The flags of a lease say when it was taken; workers of version 0.1.0 leave the flags
-- empty, and read only the value.
-- 
-- A lease of an older generation is void, too: its holder is about to be told to exit, and has other settings. Holders
-- of version 0.1.0, which are process ids alone, are of generation 0. A worker of an older generation cannot tell the
-- difference: it sees only that another worker holds the lease.
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
    --- Only one worker may take a lease stamped in the future: the one that adds the entry named by that stamp.
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
    --- Only one worker of a generation takes over from an older one. Another may do so only once that worker has died.
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

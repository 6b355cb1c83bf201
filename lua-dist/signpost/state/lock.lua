local ____exports = {}
local ____buckets = require("signpost.state.buckets")
local bucketOf = ____buckets.bucketOf
local ____keys = require("signpost.state.keys")
local STATE_PREFIXES = ____keys.STATE_PREFIXES
local ____stamp = require("signpost.state.stamp")
local isFromFuture = ____stamp.isFromFuture
local stampOf = ____stamp.stampOf
--- A lock is held for microseconds. One left behind by a killed worker ends after this many seconds.
local LOCK_SECONDS = 0.05
--- How many times a held lock is tried: a few hundred microseconds in all, many times what its holder needs.
local LOCK_TRIES = 2000
---
-- @param hash spreads names over the locks
function ____exports.newLock(state, hash, now)
    return function(name, task)
        local key = bucketOf(
            STATE_PREFIXES.lock,
            hash(name)
        )
        for _ = 1, LOCK_TRIES do
            local isLocked = state:add(
                key,
                1,
                LOCK_SECONDS,
                stampOf(now())
            )
            if isLocked then
                task()
                state:delete(key)
                return true
            end
        end
        -- The dict counts the lifetime by a clock that may have been set back since: such a lock would stay for hours.
        local ____, stamp = state:get(key)
        if isFromFuture(
            stamp,
            now()
        ) then
            state:delete(key)
        end
        return false
    end
end
return ____exports

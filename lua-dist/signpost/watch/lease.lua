local ____exports = {}
local ____stamp = require("signpost.cache.stamp")
local isFromFuture = ____stamp.isFromFuture
local stampOf = ____stamp.stampOf
local KEY = "watcher"
--- Without renewal, a lease ends after this many seconds: so soon another worker takes over from one that died.
local LEASE_SECONDS = 0.8
--- A lease that was taken before the clock was set back is void, or that of a dead worker would last until the clock has
-- come there again. Its flags say when it was taken; workers of version 0.1.0 leave them empty, and only read the value.
-- 
-- @param me distinguishes the workers: the process id
function ____exports.newLease(state, me, now)
    local function isMine()
        local holder, stamp = state:get(KEY)
        return holder == me and not isFromFuture(
            stamp,
            now()
        )
    end
    --- Of all that find the lease void, one alone may take it: the one that adds the entry named by its stamp.
    local function isFree()
        local holder, stamp = state:get(KEY)
        if holder == nil then
            return true
        end
        if not isFromFuture(
            stamp,
            now()
        ) then
            return false
        end
        local isFirst = state:add(
            (KEY .. ":") .. tostring(stamp),
            1,
            LEASE_SECONDS
        )
        if isFirst then
            state:delete(KEY)
        end
        return isFirst
    end
    return {
        isMine = isMine,
        hold = function()
            if isMine() then
                state:set(
                    KEY,
                    me,
                    LEASE_SECONDS,
                    stampOf(now())
                )
                return true
            end
            if not isFree() then
                return false
            end
            local taken = state:add(
                KEY,
                me,
                LEASE_SECONDS,
                stampOf(now())
            )
            return taken
        end,
        release = function()
            if isMine() then
                state:delete(KEY)
            end
        end
    }
end
return ____exports

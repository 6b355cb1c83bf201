local ____exports = {}
--- Names share tickets and locks: few enough to be always in memory, and so many that a name's ticket seldom moves for
-- another's sake, which costs a second read.
local BUCKETS = 4096
--- A lock is held for microseconds. One left behind by a killed worker goes away after this many seconds.
local LOCK_SECONDS = 0.05
--- How often a held lock is tried: some hundred microseconds in all, many times what its holder needs.
local LOCK_TRIES = 2000
---
-- @param hash spreads names over the buckets
function ____exports.newLedger(state, hash)
    local function bucket(kind, name)
        return (kind .. ":") .. tostring(hash(name) % BUCKETS)
    end
    local function numberAt(key)
        local value = state:get(key)
        return value or 0
    end
    local function move(key)
        local moved = state:incr(key, 1, 0)
        return moved or 0
    end
    local function prepareEpoch()
        return move("epochs")
    end
    local function publishEpoch(epoch)
        state:set("epoch", epoch)
        state:delete("complete")
        move("clock")
    end
    return {
        clock = function() return numberAt("clock") end,
        moveClock = function()
            move("clock")
        end,
        epoch = function() return numberAt("epoch") end,
        beginEpoch = function()
            local epoch = prepareEpoch()
            publishEpoch(epoch)
            return epoch
        end,
        prepareEpoch = prepareEpoch,
        publishEpoch = publishEpoch,
        endEpoch = function(epoch)
            if numberAt("epoch") == epoch then
                state:set("epoch", 0)
                move("clock")
            end
        end,
        setComplete = function()
            state:set("complete", 1)
        end,
        isComplete = function() return numberAt("complete") == 1 end,
        ticket = function(name) return numberAt(bucket("ticket", name)) end,
        moveTicket = function(name) return move(bucket("ticket", name)) end,
        noteForgotten = function()
            if numberAt("forgotten") ~= 1 then
                state:set("forgotten", 1)
                move("clock")
            end
        end,
        hasForgotten = function() return numberAt("forgotten") == 1 end,
        alone = function(name, task)
            local lock = bucket("lock", name)
            for _ = 1, LOCK_TRIES do
                local locked = state:add(lock, 1, LOCK_SECONDS)
                if locked then
                    task()
                    state:delete(lock)
                    return true
                end
            end
            return false
        end
    }
end
return ____exports

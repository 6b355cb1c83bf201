local ____exports = {}
local ____keys = require("signpost.state.keys")
local STATE_KEYS = ____keys.STATE_KEYS
---
-- @returns the epochs of a node. Moves the clock whenever the current epoch changes.
function ____exports.newEpochs(state, numbers, now, changeClock, completeness)
    --- The greatest epoch that this worker has seen: in a burst, more than one epoch may begin in a second.
    local newestSeen = 0
    local function noted(epoch)
        newestSeen = math.max(newestSeen, epoch)
        return epoch
    end
    --- Seconds since 1970, because an epoch is stored in 32 bits.
    local function first()
        return math.max(
            math.floor(now()),
            newestSeen
        )
    end
    local function current()
        return noted(numbers.read(STATE_KEYS.epoch))
    end
    local function prepare()
        local epoch = numbers.move(STATE_KEYS.epochs, first)
        if epoch > newestSeen then
            return noted(epoch)
        end
        -- The number was lost, and a worker that had seen fewer epochs began it anew.
        local raised = state:incr(STATE_KEYS.epochs, newestSeen + 1 - epoch)
        return noted(raised or newestSeen + 1)
    end
    local function publish(epoch)
        if numbers.read(STATE_KEYS.epoch) < epoch then
            -- dropped: a number over a number always has room
            state:set(STATE_KEYS.epoch, epoch)
        end
        completeness.revoke()
        changeClock.move()
    end
    return {
        current = current,
        prepare = prepare,
        publish = publish,
        begin = function()
            local epoch = prepare()
            publish(epoch)
            return epoch
        end,
        finish = function(epoch)
            if numbers.read(STATE_KEYS.epoch) == epoch then
                -- dropped: a number over a number always has room
                state:set(STATE_KEYS.epoch, 0)
                changeClock.move()
            end
        end,
        covers = function(epoch, read) return read == epoch or read > epoch and read <= numbers.read(STATE_KEYS.epochs) end,
        note = function()
            current()
        end,
        prepareNumbers = function()
            numbers.readOrBegin(STATE_KEYS.epochs, first)
            numbers.readOrBegin(
                STATE_KEYS.epoch,
                function() return 0 end
            )
        end
    }
end
return ____exports

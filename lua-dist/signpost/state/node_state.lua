local ____exports = {}
local ____change_clock = require("signpost.state.change_clock")
local newChangeClock = ____change_clock.newChangeClock
local ____completeness = require("signpost.state.completeness")
local newCompleteness = ____completeness.newCompleteness
local ____epochs = require("signpost.state.epochs")
local newEpochs = ____epochs.newEpochs
local ____keys = require("signpost.state.keys")
local STATE_KEYS = ____keys.STATE_KEYS
local ____lock = require("signpost.state.lock")
local newLock = ____lock.newLock
local ____numbers = require("signpost.state.numbers")
local growingNumbers = ____numbers.growingNumbers
local ____tickets = require("signpost.state.tickets")
local newTickets = ____tickets.newTickets
--- Entries that are seldom used and must last.
local LASTING = {
    STATE_KEYS.epochs,
    STATE_KEYS.marks,
    STATE_KEYS.mark,
    STATE_KEYS.complete,
    STATE_KEYS.forgotten
}
---
-- @param hash spreads names over tickets and locks
-- @param dicts hold what workers remember; with none, everything counts as evicted
function ____exports.newNodeState(state, hash, now, dicts)
    if dicts == nil then
        dicts = {}
    end
    local numbers = growingNumbers(state)
    local changeClock = newChangeClock(state, numbers, now, dicts)
    local completeness = newCompleteness(state)
    local epochs = newEpochs(
        state,
        numbers,
        now,
        changeClock,
        completeness
    )
    return {
        changeClock = changeClock,
        epochs = epochs,
        tickets = newTickets(state, numbers, hash, now),
        alone = newLock(state, hash, now),
        completeness = completeness,
        prepare = function()
            changeClock.prepare()
            epochs.prepareNumbers()
            -- Workers of version 0.1.0 that still watch after a reload read it as: records may have been evicted.
            -- dropped: it matters only to such workers, for a moment
            state:set(STATE_KEYS.forgotten, 1)
        end,
        touch = function()
            for ____, key in ipairs(LASTING) do
                numbers.read(key)
            end
            epochs.note()
        end
    }
end
return ____exports

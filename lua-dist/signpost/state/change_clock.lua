local ____exports = {}
local deleteMarks, markKey, MARK, MARKS
local ____keys = require("signpost.state.keys")
local STATE_KEYS = ____keys.STATE_KEYS
---
-- @returns the time in millionths of a second.
function ____exports.microseconds(now)
    return math.floor(now() * 1000) * 1000
end
function deleteMarks(state, dicts)
    local last = state:get(STATE_KEYS.mark)
    if last ~= nil then
        for ____, dict in ipairs(dicts) do
            dict:delete(markKey(last))
        end
    end
end
function markKey(mark)
    return MARK .. tostring(mark % MARKS)
end
MARK = "\nmark:"
MARKS = 1024
--- Flags hold 32 bits.
local FLAGS = 2 ^ 32
local CLOCK = STATE_KEYS.clock
---
-- @param dicts hold what workers remember; with none, everything counts as evicted
function ____exports.newChangeClock(state, numbers, now, dicts)
    --- Microseconds since 1970: no number of a node has ever grown faster, so this lies beyond all numbers that were
    -- given out.
    local function first()
        return ____exports.microseconds(now)
    end
    local function value()
        local held = state:get(CLOCK)
        return held or numbers.readOrBegin(CLOCK, first)
    end
    local function mayHaveEvictedFrom(dict)
        local mark, madeFor = state:get(STATE_KEYS.mark)
        if mark == nil or (madeFor or 0) ~= value() % FLAGS then
            return true
        end
        -- `ttl` is the only way to look at an entry that does not make it the most recently used.
        local lifetime = dict:ttl(markKey(mark))
        return lifetime == nil
    end
    return {
        value = value,
        move = function()
            if #dicts == 0 then
                numbers.move(CLOCK, first)
                return
            end
            -- First delete the old marks: the new ones then take their room, and evict nothing in a full dict.
            deleteMarks(state, dicts)
            local mark = numbers.move(STATE_KEYS.marks, first)
            for ____, dict in ipairs(dicts) do
                -- dropped: without a mark, more counts as evicted than really was
                dict:set(
                    markKey(mark),
                    0
                )
            end
            -- Then move the clock: the mark is older than everything found at the new clock, because only its maker touches
            -- it.
            local moved = numbers.move(CLOCK, first)
            -- dropped: without it, everything counts as evicted
            state:set(STATE_KEYS.mark, mark, 0, moved % FLAGS)
        end,
        isNew = function()
            local held = state:get(CLOCK)
            return held == nil
        end,
        mayHaveEvictedFrom = mayHaveEvictedFrom,
        mayHaveEvicted = function()
            for ____, dict in ipairs(dicts) do
                if mayHaveEvictedFrom(dict) then
                    return true
                end
            end
            return #dicts == 0
        end,
        prepare = function()
            numbers.readOrBegin(STATE_KEYS.marks, first)
            numbers.readOrBegin(
                STATE_KEYS.mark,
                function() return 0 end
            )
            numbers.readOrBegin(CLOCK, first)
        end
    }
end
return ____exports

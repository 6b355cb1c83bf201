local ____exports = {}
local moveTo, SLOTS
local ____numbers = require("signpost.text.numbers")
local numberText = ____numbers.numberText
--- Makes `slot` the newest. Does nothing if it is older by less than a window, because another worker's clock is then
-- ahead.
function moveTo(record, slot)
    local steps = slot - record.newestSlot
    if steps <= 0 and steps > -SLOTS then
        return
    end
    local moved = {}
    for index = 0, SLOTS - 1 do
        local before = index - steps
        local ____temp_1
        if steps > 0 and before >= 0 then
            ____temp_1 = record.failures[before + 1]
        else
            ____temp_1 = 0
        end
        local count = ____temp_1
        moved[#moved + 1] = count or 0
    end
    while #moved > 1 and moved[#moved] == 0 do
        table.remove(moved)
    end
    record.newestSlot = slot
    record.failures = moved
end
SLOTS = 16
--- How many numbers come before the failures.
local FIXED = 10
--- How far the clocks of workers may differ, seconds. Each worker updates its time once per turn of its event loop, and
-- a turn may take long.
local CLOCK_SKEW = 10
--- Makes the record of a peer about which nothing is known.
function ____exports.newRecord()
    return {
        isOut = false,
        restedAt = 0,
        restSeconds = 0,
        claimedAt = 0,
        claimSeconds = 0,
        outage = 0,
        outageAt = 0,
        outageMemory = 0,
        windowSeconds = 0,
        newestSlot = 0,
        failures = {}
    }
end
function ____exports.printRecord(record)
    local numbers = {
        record.isOut and 1 or 0,
        record.restedAt,
        record.restSeconds,
        record.claimedAt,
        record.claimSeconds,
        record.outage,
        record.outageAt,
        record.outageMemory,
        record.windowSeconds,
        record.newestSlot
    }
    for ____, count in ipairs(record.failures) do
        numbers[#numbers + 1] = count
    end
    local words = {}
    for ____, number in ipairs(numbers) do
        words[#words + 1] = numberText(number)
    end
    return table.concat(words, " ")
end
---
-- @param text a result of `printRecord`
function ____exports.parseRecord(text)
    local numbers = {}
    for word in string.gmatch(text, "%S+") do
        numbers[#numbers + 1] = tonumber(word) or 0
    end
    local function at(index)
        return numbers[index + 1] or 0
    end
    local failures = {}
    for index = FIXED, #numbers - 1 do
        failures[#failures + 1] = at(index)
    end
    return {
        isOut = at(0) == 1,
        restedAt = at(1),
        restSeconds = at(2),
        claimedAt = at(3),
        claimSeconds = at(4),
        outage = at(5),
        outageAt = at(6),
        outageMemory = at(7),
        windowSeconds = at(8),
        newestSlot = at(9),
        failures = failures
    }
end
--- Whether fewer than `seconds` have passed since `since`. A beginning more than `CLOCK_SKEW` in the future does not
-- count: the clock was set back meanwhile, and what should last for seconds must not last for hours.
function ____exports.isWithin(since, seconds, time)
    return time < since + seconds and since <= time + CLOCK_SKEW
end
--- How a peer stands, according to its record's text. It parses no more than it must, because requests call it for all
-- members.
function ____exports.standingOf(text, time)
    local restedAt, restSeconds, claimedAt, claimSeconds = string.match(text, "^1 (%S+) (%S+) (%S+) (%S+)")
    if restedAt == nil then
        return "up"
    end
    local isResting = ____exports.isWithin(
        tonumber(restedAt) or 0,
        tonumber(restSeconds) or 0,
        time
    )
    return (isResting or ____exports.isWithin(
        tonumber(claimedAt) or 0,
        tonumber(claimSeconds) or 0,
        time
    )) and "out" or "due"
end
--- Whether the record's text is that of a peer that is out or due.
function ____exports.isOutIn(text)
    return string.sub(text, 1, 1) == "1"
end
---
-- @returns for how long the peer was out last time, in seconds, if that is still remembered
function ____exports.lastOutage(record, time)
    return ____exports.isWithin(record.outageAt, record.outageMemory, time) and record.outage or nil
end
--- Notes how many seconds an outage takes, and for how many seconds that is remembered.
function ____exports.noteOutage(record, seconds, memorySeconds, time)
    record.outage = seconds
    record.outageAt = time
    record.outageMemory = memorySeconds
end
--- Counts a failure.
-- 
-- @returns whether there were now `maxFails` failures within the window. They are then cleared: when the peer is back,
-- it takes as many again.
function ____exports.countFailure(record, rules, time)
    record.windowSeconds = rules.failWindow
    moveTo(
        record,
        math.floor(time * SLOTS / rules.failWindow)
    )
    local ____record_0 = record
    local failures = ____record_0.failures
    failures[1] = (failures[1] or 0) + 1
    local total = 0
    for ____, count in ipairs(failures) do
        total = total + count
    end
    if total < rules.maxFails then
        return false
    end
    record.failures = {}
    return true
end
return ____exports

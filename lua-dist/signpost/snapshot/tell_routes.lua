local ____exports = {}
local readerOnce, textOf, REMEMBERED_VALUES, REMEMBERED_ITEMS, MOST_NEW
local ____key_spaces = require("signpost.redis.key_spaces")
local spaceOf = ____key_spaces.spaceOf
local ____reading = require("signpost.redis.reading")
local ABSENT = ____reading.ABSENT
local ____replies = require("signpost.redis.replies")
local readingOf = ____replies.readingOf
local ____within_reach = require("signpost.redis.within_reach")
local withinReach = ____within_reach.withinReach
local ____gather = require("signpost.snapshot.gather")
local MOST_BYTES = ____gather.MOST_BYTES
local MOST_ITEMS = ____gather.MOST_ITEMS
--- @returns `readOnce` and `isUseful`. Besides the value, `readOnce` takes a text that no other value has. Without a
-- text it parses the value again. `isUseful` is false after too many new values in a row, because nothing is remembered
-- from then on.
function readerOnce()
    local known = {}
    local room = REMEMBERED_VALUES
    local newInARow = 0
    local function isUseful()
        return newInARow <= MOST_NEW
    end
    local function readOnce(read, value, text)
        if text == nil or not isUseful() then
            return readingOf(read, value)
        end
        local readings = known[read] or ({})
        known[read] = readings
        local before = readings[text]
        if before ~= nil then
            newInARow = 0
            return before
        end
        local reading = readingOf(read, value)
        if room > 0 then
            room = room - 1
            readings[text] = reading
        end
        newInARow = newInARow + 1
        if not isUseful() then
            known = {}
        end
        return reading
    end
    return {readOnce = readOnce, isUseful = isUseful}
end
--- @returns a text that no other items have; nothing for many items, or if an item holds the separator
function textOf(items)
    if #items > REMEMBERED_ITEMS then
        return nil
    end
    for ____, item in ipairs(items) do
        local separator = string.find(item, "\0", 1, true)
        if separator ~= nil then
            return nil
        end
    end
    return table.concat(items, "\0")
end
--- The Redis type that each command makes.
local TYPES = {HSET = "hash", RPUSH = "list", SADD = "set", DEL = "none"}
local TOO_MUCH = {
    kind = "bad",
    reason = ((("expected no more than " .. tostring(MOST_ITEMS)) .. " fields and values, items or members, and ") .. tostring(MOST_BYTES)) .. " bytes, got more"
}
--- Parses values as they arrive and passes them to `take`. A value that leads outside `reach` is passed as bad.
function ____exports.teller(keys, reach, take)
    local readValue, readItems, tellNames, tellName, readOnce, value, held, heldText, ____type, isCutOff, isMeant, readNow
    function readValue(name)
        return readOnce(
            spaceOf(name).forms.string,
            value,
            value
        )
    end
    function readItems(name)
        local form = spaceOf(name).forms.others[____type]
        if form == nil then
            return ABSENT
        end
        return isCutOff and TOO_MUCH or readOnce(form.read, held, heldText)
    end
    function tellNames(key, read)
        isMeant = true
        readNow = read
        keys.eachName(key, tellName)
    end
    --- A key under several prefixes belongs to the longest one, whose name comes first. Its other names are told only if
    -- they are not bad.
    function tellName(name)
        local reading = withinReach(
            reach,
            name,
            readNow(name)
        )
        if isMeant or reading.kind ~= "bad" then
            take(name, reading)
        end
        isMeant = false
    end
    local ____readerOnce_result_0 = readerOnce()
    readOnce = ____readerOnce_result_0.readOnce
    local isUseful = ____readerOnce_result_0.isUseful
    value = ""
    held = {}
    ____type = ""
    isCutOff = false
    isMeant = true
    readNow = readValue
    return {
        string = function(key, text)
            value = text
            tellNames(key, readValue)
        end,
        items = function(key, command, items, isTooMuch)
            held = items
            local ____isUseful_result_1
            if isUseful() then
                ____isUseful_result_1 = textOf(items)
            else
                ____isUseful_result_1 = nil
            end
            heldText = ____isUseful_result_1
            ____type = TYPES[command]
            isCutOff = isTooMuch
            tellNames(key, readItems)
        end
    }
end
REMEMBERED_VALUES = 10000
REMEMBERED_ITEMS = 16
MOST_NEW = 20000
return ____exports

local ____exports = {}
local problemWithRanges, isList, isAllowed, isOneOf, quoted, isWithin, expectation, shown
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
local ____ip_range = require("signpost.format.ip_range")
local parseIpRange = ____ip_range.parseIpRange
local ____tables = require("signpost.settings.tables")
local problemWithTables = ____tables.problemWithTables
local ____numbers = require("signpost.text.numbers")
local describe = ____numbers.describe
local describeType = ____numbers.describeType
function problemWithRanges(knob, value)
    if not isList(value) then
        return "expected a list of ranges of IP addresses, got " .. describe(value)
    end
    if not isWithin(knob, #value) then
        return (((("expected " .. tostring(knob.min)) .. " to ") .. tostring(knob.max)) .. " ranges, got ") .. tostring(#value)
    end
    for i = 1, #value do
        local item = value[i]
        if type(item) ~= "string" then
            return (("item " .. tostring(i)) .. ": expected a string, got ") .. describe(item)
        end
        local ____, err, detail = parseIpRange(item)
        if err ~= nil then
            return (("item " .. tostring(i)) .. ": ") .. detail
        end
    end
    return nil
end
--- Whether a value is a table whose keys are exactly 1, 2, 3 …
function isList(value)
    if type(value) ~= "table" then
        return false
    end
    local count = 0
    for key in pairs(value) do
        count = count + 1
        if type(key) ~= "number" then
            return false
        end
    end
    return count == #value
end
function isAllowed(knob, value)
    if knob.kind == "boolean" then
        return type(value) == "boolean"
    end
    if knob.kind == "choice" then
        return type(value) == "string" and isOneOf(knob.choices, value)
    end
    if knob.kind == "string" then
        return type(value) == "string" and isWithin(knob, #value)
    end
    -- Infinity passes the integer check but is never in range; NaN passes neither check.
    return type(value) == "number" and isWithin(knob, value) and (knob.kind == "number" or math.floor(value) == value)
end
function isOneOf(words, value)
    for ____, word in ipairs(words) do
        if word == value then
            return true
        end
    end
    return false
end
function quoted(words)
    local texts = {}
    for ____, word in ipairs(words) do
        texts[#texts + 1] = quote(word)
    end
    return texts
end
function isWithin(range, value)
    return value >= range.min and value <= range.max
end
function expectation(knob)
    if knob.kind == "boolean" then
        return "true or false"
    end
    if knob.kind == "choice" then
        return table.concat(
            quoted(knob.choices),
            " or "
        )
    end
    local range = (tostring(knob.min) .. " to ") .. tostring(knob.max)
    if knob.kind == "string" then
        return ("a string of " .. range) .. " bytes"
    end
    local unit = knob.unit == nil and "" or " " .. knob.unit
    return (((knob.kind == "integer" and "an integer" or "a number") .. " from ") .. range) .. unit
end
function shown(knob, value)
    if knob.kind == "string" and type(value) == "string" then
        return tostring(#value) .. " bytes"
    end
    return knob.secret == true and describeType(value) or describe(value)
end
--- Checks a value against its setting.
-- 
-- @returns what was expected and what was given, or nothing if the value is valid
function ____exports.problemWith(knob, value)
    if knob.kind == "ranges" then
        return problemWithRanges(knob, value)
    end
    if knob.kind == "tables" then
        return problemWithTables(knob, value)
    end
    if isAllowed(knob, value) then
        return nil
    end
    return (("expected " .. expectation(knob)) .. ", got ") .. shown(knob, value)
end
return ____exports

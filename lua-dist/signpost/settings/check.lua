local ____exports = {}
local isAllowed, isWithin, expectation, shown
local ____text = require("signpost.settings.text")
local describe = ____text.describe
local describeType = ____text.describeType
function isAllowed(knob, value)
    if knob.kind == "boolean" then
        return type(value) == "boolean"
    end
    if knob.kind == "string" then
        return type(value) == "string" and isWithin(knob, #value)
    end
    return type(value) == "number" and isWithin(knob, value) and (knob.kind == "number" or math.floor(value) == value)
end
function isWithin(range, value)
    return value >= range.min and value <= range.max
end
function expectation(knob)
    if knob.kind == "boolean" then
        return "true or false"
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
--- Whether `value` may be what `knob` is set to.
-- 
-- @returns what was expected and what was given instead, or nothing if it may
function ____exports.problemWith(knob, value)
    if isAllowed(knob, value) then
        return nil
    end
    return (("expected " .. expectation(knob)) .. ", got ") .. shown(knob, value)
end
return ____exports

local ____exports = {}
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
--- A value's type as messages show it. Used for values that may contain a password.
function ____exports.describeType(value)
    return value == nil and "nothing" or "a " .. type(value)
end
--- A number with enough digits to distinguish it from every other number.
function ____exports.numberText(value)
    -- The C library prints "nan" with either sign.
    if value ~= value then
        return "NaN"
    end
    local short = string.format("%.14g", value)
    return tonumber(short) == value and short or string.format("%.17g", value)
end
--- A value as messages show it: a string, number or boolean itself; for any other value, its type.
function ____exports.describe(value)
    if type(value) == "string" then
        return "the string " .. quote(value)
    end
    if type(value) == "number" then
        return "the number " .. ____exports.numberText(value)
    end
    if type(value) == "boolean" then
        return tostring(value)
    end
    return ____exports.describeType(value)
end
return ____exports

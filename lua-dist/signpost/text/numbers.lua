local ____exports = {}
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
--- A value's type as a message shows it: for what may hold a password.
function ____exports.describeType(value)
    return value == nil and "nothing" or "a " .. type(value)
end
--- A number in as many digits as tell it from every other.
function ____exports.numberText(value)
    -- The C library's own "nan" comes with either sign.
    if value ~= value then
        return "NaN"
    end
    local short = string.format("%.14g", value)
    return tonumber(short) == value and short or string.format("%.17g", value)
end
--- A value as a message shows it: a string, number or boolean itself, of anything else the type.
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

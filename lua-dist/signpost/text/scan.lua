local ____exports = {}
local ZERO = 48
local NINE = 57
--- Whether `text` contains a match of a Lua pattern.
function ____exports.matches(text, pattern)
    local from = string.find(text, pattern)
    return from ~= nil
end
--- The decimal number in `text`, without sign or leading zeros; nothing if it is not one, or not from `min` to `max`.
function ____exports.wholeNumber(text, min, max)
    if text ~= "0" and not ____exports.matches(text, "^[1-9]%d*$") then
        return nil
    end
    local value = assert(tonumber(text))
    return value >= min and value <= max and value or nil
end
--- Whether a text contains only digits. LuaJIT compiles this loop; it does not compile a pattern search.
function ____exports.areDigits(text)
    for i = 1, #text do
        local byte = string.byte(text, i)
        if byte < ZERO or byte > NINE then
            return false
        end
    end
    return true
end
return ____exports

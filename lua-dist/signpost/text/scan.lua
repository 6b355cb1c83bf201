local ____exports = {}
--- Whether a Lua pattern is found in `text`.
function ____exports.matches(text, pattern)
    local from = string.find(text, pattern)
    return from ~= nil
end
--- The decimal number `text` is, without sign or leading zeros; nothing if it is none or not from `min` to `max`.
function ____exports.wholeNumber(text, min, max)
    if text ~= "0" and not ____exports.matches(text, "^[1-9]%d*$") then
        return nil
    end
    local value = assert(tonumber(text))
    return value >= min and value <= max and value or nil
end
return ____exports

local ____exports = {}
---
-- @returns the text without the blanks and line ends at its end.
function ____exports.withoutEnd(text)
    local trimmed = string.match(text, "^(.*[^ \t\r\n])")
    if trimmed == nil then
        trimmed = ""
    end
    return trimmed
end
local BLANK = 32
--- Removes the white space at the end of a text if a line end is in it, as `echo 10.0.0.5 | redis-cli -x` leaves one.
function ____exports.withoutLineEnd(text)
    -- Fast path: most texts need no change. LuaJIT compiles `string.byte`; it does not compile a pattern search.
    if (string.byte(text, -1) or BLANK) > BLANK then
        return text
    end
    local lines = string.find(text, "[\r\n][ \t\r\n]*$")
    return lines == nil and text or ____exports.withoutEnd(text)
end
return ____exports

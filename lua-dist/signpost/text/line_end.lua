local ____exports = {}
---
-- @returns the text without blanks and line ends after it.
function ____exports.withoutEnd(text)
    local trimmed = string.match(text, "^(.*[^ \t\r\n])")
    if trimmed == nil then
        trimmed = ""
    end
    return trimmed
end
local BLANK = 32
---
-- @returns the text without the line ends, and blanks among them, that `echo 10.0.0.5 | redis-cli -x` and its like leave.
function ____exports.withoutLineEnd(text)
    -- Nearly every text is as it should be. LuaJIT compiles a look at a byte, and not a search for a pattern.
    if (string.byte(text, -1) or BLANK) > BLANK then
        return text
    end
    local lines = string.find(text, "[\r\n][ \t\r\n]*$")
    return lines == nil and text or ____exports.withoutEnd(text)
end
return ____exports

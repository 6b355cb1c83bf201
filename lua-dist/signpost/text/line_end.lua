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
---
-- @returns the text without the line ends, and blanks among them, that `echo 10.0.0.5 | redis-cli -x` and its like leave.
function ____exports.withoutLineEnd(text)
    local lines = string.find(text, "[\r\n][ \t\r\n]*$")
    return lines == nil and text or ____exports.withoutEnd(text)
end
return ____exports

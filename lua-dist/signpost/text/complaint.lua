local ____exports = {}
local escapeByte, SHOWN_BYTES
--- Any bytes, safe to log on one line: in double quotes, cut to 40 bytes (dots after the closing quote say so), and
-- every byte that is not printable ASCII, or is a quote or a backslash, written like `\x0A`.
function ____exports.quote(text)
    local shown = string.gsub(
        string.sub(text, 1, SHOWN_BYTES),
        "[^ !#-Z%[%]^-~]",
        escapeByte
    )
    return #text > SHOWN_BYTES and ("\"" .. shown) .. "\"..." or ("\"" .. shown) .. "\""
end
function escapeByte(byte)
    return string.format(
        "\\x%02X",
        string.byte(byte)
    )
end
SHOWN_BYTES = 40
--- Refuses a target, saying where, what was expected, and what stands there instead:
-- `byte 10: expected a port from 1 to 65535, got "65536"`.
-- 
-- @param position byte offset in the text, 1-based
-- @param expected what would have been right: a noun phrase
-- @param got what stands there; empty when nothing does
function ____exports.refuse(position, expected, got)
    local shown = got == "" and "nothing" or ____exports.quote(got)
    return nil, "bad_target", (((("byte " .. tostring(position)) .. ": expected ") .. expected) .. ", got ") .. shown
end
--- Any bytes, safe to log on one line, without quotes: every byte that is not printable ASCII is written like `\x0A`. A
-- longer text is cut after `maxBytes`, and dots say so.
function ____exports.printable(text, maxBytes)
    local shown = string.gsub(
        string.sub(text, 1, maxBytes),
        "[^ -~]",
        escapeByte
    )
    return #text > maxBytes and shown .. "..." or shown
end
return ____exports

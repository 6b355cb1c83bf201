local ____exports = {}
local escapeByte, SHOWN_BYTES
--- Quotes any bytes so that they are safe to log on one line. The result is in double quotes and shows at most 40 bytes;
-- dots after the closing quote mark a cut. Double quotes, backslashes and bytes other than printable ASCII are written
-- like `\x0A`.
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
--- Refuses a target. The detail says the position, what was expected and what was found:
-- `byte 10: expected a port from 1 to 65535, got "65536"`.
-- 
-- @param position byte offset in the text, from 1
-- @param expected the valid input, as a noun phrase
-- @param got the text found there; empty if there is none
function ____exports.refuse(position, expected, got)
    local shown = got == "" and "nothing" or ____exports.quote(got)
    return nil, "bad_target", (((("byte " .. tostring(position)) .. ": expected ") .. expected) .. ", got ") .. shown
end
--- Makes any bytes safe to log on one line, without quotes. A byte that is not printable ASCII is written like `\x0A`. A
-- text longer than `maxBytes` is cut there, and dots mark the cut.
function ____exports.printable(text, maxBytes)
    local shown = string.gsub(
        string.sub(text, 1, maxBytes),
        "[^ -~]",
        escapeByte
    )
    return #text > maxBytes and shown .. "..." or shown
end
return ____exports

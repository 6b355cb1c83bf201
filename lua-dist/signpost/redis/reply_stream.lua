local ____exports = {}
local awaitBytes, receivePiece
local ____complaint = require("signpost.text.complaint")
local printable = ____complaint.printable
local ____scan = require("signpost.text.scan")
local areDigits = ____scan.areDigits
---
-- @returns the bytes that were received and have not been read.
function ____exports.unreadBytes(stream)
    return string.sub(stream.received, stream.at)
end
--- Receives until `wanted` bytes are unread.
function awaitBytes(stream, wanted)
    local unread = #stream.received - stream.at + 1
    if unread >= wanted then
        return true, nil
    end
    -- Concatenated once: a long string comes in many pieces.
    local pieces = {____exports.unreadBytes(stream)}
    while unread < wanted do
        local piece, err, detail = receivePiece(stream)
        if err ~= nil then
            return nil, err, detail
        end
        pieces[#pieces + 1] = piece
        unread = unread + #piece
    end
    stream.received = table.concat(pieces)
    stream.at = 1
    return true, nil
end
function receivePiece(stream)
    local piece, err, detail = stream.receive()
    if err ~= nil then
        return nil, err, detail
    end
    stream.receivedBytes = stream.receivedBytes + #piece
    local ____stream_limits_2 = stream.limits
    local totalBytes = ____stream_limits_2.totalBytes
    if stream.receivedBytes > totalBytes then
        return ____exports.oversized(("more than " .. tostring(totalBytes)) .. " bytes at once")
    end
    return piece, nil
end
---
-- @returns the number; nothing for a text that is not all digits.
function ____exports.sizeOf(text)
    if not areDigits(text) then
        return nil
    end
    return tonumber(text)
end
---
-- @returns how a complaint names a string of that size.
function ____exports.stringOf(size)
    return ("a string of " .. string.format("%.0f", size)) .. " bytes"
end
---
-- @returns the failure of a reply that is larger than the limits allow.
function ____exports.oversized(detail)
    return nil, "oversized", detail
end
---
-- @returns the failure of bytes that are not a reply of Redis.
function ____exports.malformed(expected, got)
    return nil, "malformed", ((("not a reply of Redis: expected " .. expected) .. ", got \"") .. printable(got, 40)) .. "\""
end
--- Pieces of a skipped string between two breaths. Nothing looks into them, so they cost little.
local SKIPPED_PIECES_PER_BREATH = 16
--- Reads up to the next CR LF.
-- 
-- @returns the line without it
function ____exports.readLine(stream)
    local searchFrom = stream.at
    do
        while true do
            local ____stream_0 = stream
            local received = ____stream_0.received
            local at = ____stream_0.at
            local ____end = string.find(received, "\r\n", searchFrom, true)
            local length = (____end or #received) - at
            if length > stream.limits.lineBytes then
                return ____exports.malformed(
                    "the end of a line",
                    string.sub(received, at, at + 40)
                )
            end
            if ____end ~= nil then
                stream.at = ____end + 2
                return string.sub(received, at, ____end - 1), nil
            end
            -- The last byte may be the CR of the line's end: search it again.
            local searched = math.max(#received - at, 0)
            local piece, err, detail = receivePiece(stream)
            if err ~= nil then
                return nil, err, detail
            end
            stream.received = string.sub(received, at) .. piece
            stream.at = 1
            searchFrom = 1 + searched
        end
    end
end
--- Reads a string of as many bytes as `sizeText` says, and the CR LF after it.
function ____exports.readBulk(stream, sizeText)
    local size = ____exports.sizeOf(sizeText)
    if size == nil then
        return ____exports.malformed("a string's size", sizeText)
    end
    if size > stream.limits.bulkBytes then
        return ____exports.oversized(____exports.stringOf(size))
    end
    local ____, err, detail = awaitBytes(stream, size + 2)
    if err ~= nil then
        return nil, err, detail
    end
    local ____stream_1 = stream
    local received = ____stream_1.received
    local at = ____stream_1.at
    local ____end = at + size
    if string.sub(received, ____end, ____end + 1) ~= "\r\n" then
        return ____exports.malformed(
            "the end of a string",
            string.sub(received, ____end)
        )
    end
    stream.at = ____end + 2
    return string.sub(received, at, ____end - 1), nil
end
--- Skips a string of `size` bytes, and the CR LF after it. It never holds more than one piece.
function ____exports.skipBulk(stream, size)
    local left = size - (#stream.received - stream.at + 1)
    local pieces = 0
    while left > 0 do
        pieces = pieces + 1
        if pieces % SKIPPED_PIECES_PER_BREATH == 0 then
            stream.breathe()
        end
        local piece, err, detail = stream.receive()
        if err ~= nil then
            return nil, err, detail
        end
        stream.received = piece
        stream.at = 1
        left = left - #piece
    end
    -- `left` is minus the number of bytes that follow the string. Its end is read as that of an empty string.
    stream.at = #stream.received + left + 1
    return ____exports.readBulk(stream, "0")
end
return ____exports

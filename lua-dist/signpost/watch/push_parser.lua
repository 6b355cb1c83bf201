local ____exports = {}
local readAll, readNext, skip, readBulk, readLine, beginBulk, beginArray, sizeOf, LONGEST_HELD, LONGEST_BULK, LONGEST_LINE
local ____push_messages = require("signpost.watch.push_messages")
local pushMessages = ____push_messages.pushMessages
--- Reads elements until the rest is too short for another one.
function readAll(stream)
    local problem
    local before
    repeat
        do
            before = stream.at
            problem = readNext(stream)
        end
    until not (problem == nil and stream.at ~= before)
    return problem
end
function readNext(stream)
    local ____stream_0 = stream
    local bulkBytes = ____stream_0.bulkBytes
    local bytesToSkip = ____stream_0.bytesToSkip
    if bytesToSkip ~= nil then
        skip(stream, bytesToSkip)
    elseif bulkBytes ~= nil then
        readBulk(stream, bulkBytes)
    else
        return readLine(stream)
    end
    return nil
end
--- @param left how many bytes are still to be skipped
function skip(stream, left)
    local bytes = math.min(left, #stream.unread - stream.at + 1)
    if bytes > 0 then
        stream.piecesSkipped = stream.piecesSkipped + 1
    end
    stream.at = stream.at + bytes
    stream.bytesToSkip = left - bytes
    if bytes == left then
        stream.bytesToSkip = nil
        stream.messages.skipText()
    end
end
function readBulk(stream, size)
    local ____stream_1 = stream
    local unread = ____stream_1.unread
    local at = ____stream_1.at
    if #unread - at + 1 < size + 2 then
        return
    end
    stream.at = at + size + 2
    stream.bulkBytes = nil
    stream.messages.takeText(string.sub(unread, at, at + size - 1))
end
function readLine(stream)
    local ____stream_2 = stream
    local unread = ____stream_2.unread
    local at = ____stream_2.at
    local messages = ____stream_2.messages
    local ____end = string.find(unread, "\r\n", at, true)
    if ____end == nil then
        return #unread - at > LONGEST_LINE and "a line without an end" or nil
    end
    local sign = string.sub(unread, at, at)
    local rest = string.sub(unread, at + 1, ____end - 1)
    stream.at = ____end + 2
    if sign == "$" then
        return beginBulk(
            stream,
            sizeOf(rest)
        )
    end
    if sign == "*" then
        return beginArray(
            messages,
            sizeOf(rest)
        )
    end
    if sign == ":" or sign == "+" then
        messages.takeText(rest)
        return nil
    end
    return sign == "-" and "Redis says " .. rest or "unknown type " .. string.format("%q", sign)
end
--- @param size -1 for nil
function beginBulk(stream, size)
    if size == -1 then
        stream.messages.takeNil()
        return nil
    end
    if size == nil or size < 0 or size > LONGEST_BULK then
        return "a string of impossible size"
    end
    if size > LONGEST_HELD then
        stream.bytesToSkip = size + 2
    else
        stream.bulkBytes = size
    end
    return nil
end
--- @param size -1 for nil
function beginArray(messages, size)
    if size == -1 then
        messages.takeNil()
        return nil
    end
    if size == nil or size < 0 then
        return "an array of impossible size"
    end
    return messages.beginArray(size)
end
function sizeOf(text)
    local digits = string.match(text, "^%-?%d+$")
    return tonumber(digits)
end
LONGEST_HELD = 131072
--- Pieces of a skipped string between two breaths. The parser does not look into them.
local SKIPPED_PIECES_PER_BREATH = 64
LONGEST_BULK = 536870912
LONGEST_LINE = 65536
---
-- @returns a parser that has read nothing yet.
function ____exports.pushParser(handlers)
    local stream = {
        messages = pushMessages(handlers),
        unread = "",
        at = 1,
        bulkBytes = nil,
        bytesToSkip = nil,
        piecesSkipped = 0
    }
    return {
        feed = function(bytes)
            stream.unread = string.sub(stream.unread, stream.at) .. bytes
            stream.at = 1
            return readAll(stream)
        end,
        wantsBreath = function() return stream.bytesToSkip == nil or stream.piecesSkipped % SKIPPED_PIECES_PER_BREATH == 0 end
    }
end
return ____exports

local ____exports = {}
local readValue, breatheSometimes, readString, readText, readFailure, readList, readPush, readAttributed, noValue, matching, failure, VALUES_PER_BREATH, ERROR_BYTES, NIL, PUSH, READERS
local ____complaint = require("signpost.text.complaint")
local printable = ____complaint.printable
local ____reply_limits = require("signpost.redis.reply_limits")
local REPLY_LIMITS = ____reply_limits.REPLY_LIMITS
local ____reply_stream = require("signpost.redis.reply_stream")
local malformed = ____reply_stream.malformed
local oversized = ____reply_stream.oversized
local readBulk = ____reply_stream.readBulk
local readLine = ____reply_stream.readLine
local sizeOf = ____reply_stream.sizeOf
local skipBulk = ____reply_stream.skipBulk
local stringOf = ____reply_stream.stringOf
local unreadBytes = ____reply_stream.unreadBytes
function readValue(reader, depth)
    breatheSometimes(reader)
    local line, err, detail = readLine(reader)
    if err ~= nil then
        return nil, err, detail
    end
    local readRest = READERS[string.sub(line, 1, 1)]
    if readRest == nil then
        return malformed("a reply", line)
    end
    return readRest(
        reader,
        string.sub(line, 2),
        depth
    )
end
function breatheSometimes(reader)
    reader.valuesUntilBreath = reader.valuesUntilBreath - 1
    if reader.valuesUntilBreath == 0 then
        reader.valuesUntilBreath = VALUES_PER_BREATH
        reader.breathe()
    end
end
function readString(reader, text, depth)
    local ____reader_limits_0 = reader.limits
    local passedOverBytes = ____reader_limits_0.passedOverBytes
    local size = sizeOf(text)
    if size == nil or depth == 1 or passedOverBytes == nil or size <= passedOverBytes then
        return readText(reader, text, 0)
    end
    local ____, err, detail = skipBulk(reader, size)
    if err ~= nil then
        return nil, err, detail
    end
    return {
        kind = "oversized",
        detail = stringOf(size)
    }, nil
end
--- @param formatBytes how many bytes at its beginning are not part of the text
function readText(reader, size, formatBytes)
    local bytes, err, detail = readBulk(reader, size)
    if err ~= nil then
        return nil, err, detail
    end
    return {
        kind = "text",
        text = string.sub(bytes, formatBytes + 1)
    }, nil
end
function readFailure(reader, size)
    local bytes, err, detail = readBulk(reader, size)
    if err ~= nil then
        return nil, err, detail
    end
    return failure(bytes)
end
--- @param valuesEach 2 for a map: key and value of each entry follow one another, as in RESP2's hashes
function readList(reader, text, valuesEach, depth)
    local ____reader_1 = reader
    local limits = ____reader_1.limits
    local size = sizeOf(text)
    if size == nil then
        return malformed("a list's size", text)
    end
    if depth > limits.depth then
        return malformed("no more lists in lists", text)
    end
    local count = size * valuesEach
    reader.values = reader.values + count
    if reader.values > limits.values then
        return oversized(("a list of " .. string.format("%.0f", count)) .. " values")
    end
    local items = {}
    for _ = 1, count do
        local item, err, detail = readValue(reader, depth + 1)
        if err ~= nil then
            return nil, err, detail
        end
        items[#items + 1] = item
    end
    return {kind = "list", items = items}, nil
end
function readPush(reader, text, depth)
    if depth > 1 then
        return malformed("no push in a list", text)
    end
    local ____, err, detail = readList(reader, text, 1, depth)
    if err ~= nil then
        return nil, err, detail
    end
    return PUSH, nil
end
--- Skips the attributes before a value, and reads the value.
function readAttributed(reader, text, depth)
    reader.values = reader.values + 1
    local ____, err, detail = readList(reader, text, 2, depth)
    if err ~= nil then
        return nil, err, detail
    end
    return readValue(reader, depth)
end
function noValue()
    return NIL, nil
end
function matching(text, pattern)
    local found = string.find(text, pattern)
    if found == nil then
        return malformed("a number", text)
    end
    return {kind = "text", text = text}, nil
end
--- An error of Redis may quote what clients sent. It goes into logs, so it is made printable.
function failure(text)
    return {
        kind = "error",
        message = printable(text, ERROR_BYTES)
    }, nil
end
VALUES_PER_BREATH = 500
ERROR_BYTES = 300
NIL = {kind = "nil"}
PUSH = {kind = "list", items = {}}
--- Reads the replies to `count` commands, in RESP2 or RESP3
-- (https://redis.io/docs/latest/develop/reference/protocol-spec/). Push messages may come between two replies; they
-- are skipped.
-- 
-- Invariant: whatever the server sends, `limits` bounds memory and time. A size is checked before anything is reserved
-- or awaited for it.
-- 
-- @param breathe lets requests have their turn. Yields
function ____exports.readReplies(count, receive, breathe, limits)
    if limits == nil then
        limits = REPLY_LIMITS
    end
    local reader = {
        receive = receive,
        breathe = breathe,
        limits = limits,
        received = "",
        at = 1,
        receivedBytes = 0,
        values = 1,
        valuesUntilBreath = VALUES_PER_BREATH
    }
    local replies = {}
    while #replies < count do
        reader.values = 1
        local reply, err, detail = readValue(reader, 1)
        if err == "oversized" then
            replies[#replies + 1] = {kind = "oversized", detail = detail}
            return {replies = replies, rest = ""}, nil
        end
        if err ~= nil then
            return nil, err, detail
        end
        if reply ~= PUSH then
            replies[#replies + 1] = reply
        end
    end
    return {
        replies = replies,
        rest = unreadBytes(reader)
    }, nil
end
READERS = {
    ["+"] = function(_reader, text) return {kind = "text", text = text}, nil end,
    ["-"] = function(_reader, text) return failure(text) end,
    [":"] = function(_reader, text) return matching(text, "^[+-]?%d+$") end,
    ["("] = function(_reader, text) return matching(text, "^[+-]?%d+$") end,
    [","] = function(_reader, text) return matching(text, "^[%w+.-]+$") end,
    ["#"] = function(_reader, text) return matching(text, "^[tf]$") end,
    _ = function(_reader, text) return unpack(text == "" and ({noValue()}) or ({malformed("a null", text)})) end,
    ["$"] = function(reader, text, depth) return unpack(text == "-1" and ({noValue()}) or ({readString(reader, text, depth)})) end,
    ["="] = function(reader, text) return readText(reader, text, 4) end,
    ["!"] = function(reader, text) return readFailure(reader, text) end,
    ["*"] = function(reader, text, depth) return unpack(text == "-1" and ({noValue()}) or ({readList(reader, text, 1, depth)})) end,
    ["~"] = function(reader, text, depth) return readList(reader, text, 1, depth) end,
    ["%"] = function(reader, text, depth) return readList(reader, text, 2, depth) end,
    [">"] = function(reader, text, depth) return readPush(reader, text, depth) end,
    ["|"] = function(reader, text, depth) return readAttributed(reader, text, depth) end
}
return ____exports

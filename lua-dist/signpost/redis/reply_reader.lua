local ____exports = {}
local replyReader, told, matching, failure, sizeOf, stringOf, tooMany, oversized, malformed, PIECES_A_BREATH, VALUES_A_BREATH, ERROR_BYTES, NIL, PUSH
local ____complaint = require("signpost.text.complaint")
local printable = ____complaint.printable
local ____reply_limits = require("signpost.redis.reply_limits")
local REPLY_LIMITS = ____reply_limits.REPLY_LIMITS
function replyReader(receive, breathe, limits)
    local readValue, pace, readLine, readString, passOver, readText, readFailure, readBulk, awaitBytes, receivePiece, readList, readPush, readAttributed, unread, at, received, values, untilBreath, READERS
    function readValue(depth)
        pace()
        local line, err, detail = readLine()
        if err ~= nil then
            return nil, err, detail
        end
        local sign = string.sub(line, 1, 1)
        local readRest = READERS[sign]
        if readRest == nil then
            return malformed("a reply", line)
        end
        return readRest(
            string.sub(line, 2),
            depth
        )
    end
    function pace()
        untilBreath = untilBreath - 1
        if untilBreath == 0 then
            untilBreath = VALUES_A_BREATH
            breathe()
        end
    end
    function readLine()
        local searched = at
        do
            while true do
                local ____end = string.find(unread, "\r\n", searched, true)
                local length = (____end or #unread) - at
                if length > limits.lineBytes then
                    return malformed(
                        "the end of a line",
                        string.sub(unread, at, at + 40)
                    )
                end
                if ____end ~= nil then
                    local line = string.sub(unread, at, ____end - 1)
                    at = ____end + 2
                    return line, nil
                end
                -- The last byte may be the first of its end.
                local ahead = math.max(#unread - at, 0)
                local piece, err, detail = receivePiece()
                if err ~= nil then
                    return nil, err, detail
                end
                unread = string.sub(unread, at) .. piece
                at = 1
                searched = at + ahead
            end
        end
    end
    function readString(text, depth)
        local size = sizeOf(text)
        if size == nil or depth == 1 or limits.passedOverBytes == nil or size <= limits.passedOverBytes then
            return readText(text, 0)
        end
        local ____, err, detail = passOver(size)
        if err ~= nil then
            return nil, err, detail
        end
        return told({
            kind = "oversized",
            detail = stringOf(size)
        })
    end
    --- Reads so many bytes without holding them, and the end of the line after them.
    function passOver(size)
        local left = size - (#unread - at + 1)
        local pieces = 0
        while left > 0 do
            pieces = pieces + 1
            if pieces % PIECES_A_BREATH == 0 then
                breathe()
            end
            local piece, err, detail = receive()
            if err ~= nil then
                return nil, err, detail
            end
            unread = piece
            at = 1
            left = left - #piece
        end
        -- What of the last piece is not part of the string: it ends as an empty one does.
        at = #unread + left + 1
        return readBulk("0")
    end
    --- @param size how long it says to be @param skipped how many bytes at its beginning are not part of the text
    function readText(size, skipped)
        local bytes, err, detail = readBulk(size)
        if err ~= nil then
            return nil, err, detail
        end
        return told({
            kind = "text",
            text = string.sub(bytes, skipped + 1)
        })
    end
    function readFailure(size)
        local bytes, err, detail = readBulk(size)
        if err ~= nil then
            return nil, err, detail
        end
        return failure(bytes)
    end
    function readBulk(text)
        local size = sizeOf(text)
        if size == nil then
            return malformed("a string's size", text)
        end
        if size > limits.bulkBytes then
            return oversized(stringOf(size))
        end
        local err = awaitBytes(size + 2)
        if err ~= nil then
            return nil, err[1], err[2]
        end
        local ____end = at + size
        if string.sub(unread, ____end, ____end + 1) ~= "\r\n" then
            return malformed(
                "the end of a string",
                string.sub(unread, ____end)
            )
        end
        local bytes = string.sub(unread, at, ____end - 1)
        at = ____end + 2
        return bytes, nil
    end
    --- Receives until so many bytes are unread. @returns why it could not
    function awaitBytes(wanted)
        local held = #unread - at + 1
        if held >= wanted then
            return nil
        end
        -- Put together once: a long string comes in many pieces.
        local pieces = {string.sub(unread, at)}
        while held < wanted do
            local piece, err, detail = receivePiece()
            if err ~= nil then
                return {err, detail}
            end
            pieces[#pieces + 1] = piece
            held = held + #piece
        end
        unread = table.concat(pieces)
        at = 1
        return nil
    end
    function receivePiece()
        local piece, err, detail = receive()
        if err ~= nil then
            return nil, err, detail
        end
        received = received + #piece
        if received > limits.totalBytes then
            return oversized(("more than " .. tostring(limits.totalBytes)) .. " bytes at once")
        end
        return piece, nil
    end
    --- @param valuesEach a map has two values for each entry: they are told one after the other, as RESP2 tells a hash
    function readList(text, valuesEach, depth)
        local size = sizeOf(text)
        if size == nil then
            return malformed("a list's size", text)
        end
        if depth > limits.depth then
            return malformed("no more lists in lists", text)
        end
        local count = size * valuesEach
        values = values + count
        if values > limits.values then
            return tooMany(count)
        end
        local items = {}
        for _ = 1, count do
            local item, err, detail = readValue(depth + 1)
            if err ~= nil then
                return nil, err, detail
            end
            items[#items + 1] = item
        end
        return told({kind = "list", items = items})
    end
    function readPush(text, depth)
        if depth > 1 then
            return malformed("no push in a list", text)
        end
        local ____, err, detail = readList(text, 1, depth)
        if err ~= nil then
            return nil, err, detail
        end
        return told(PUSH)
    end
    --- What is said of a value before it: nothing here.
    function readAttributed(text, depth)
        values = values + 1
        local ____, err, detail = readList(text, 2, depth)
        if err ~= nil then
            return nil, err, detail
        end
        return readValue(depth)
    end
    unread = ""
    at = 1
    received = 0
    values = 1
    untilBreath = VALUES_A_BREATH
    READERS = {
        ["+"] = function(text) return told({kind = "text", text = text}) end,
        ["-"] = function(text) return failure(text) end,
        [":"] = function(text) return matching(text, "^[+-]?%d+$") end,
        ["("] = function(text) return matching(text, "^[+-]?%d+$") end,
        [","] = function(text) return matching(text, "^[%w+.-]+$") end,
        ["#"] = function(text) return matching(text, "^[tf]$") end,
        _ = function(text) return unpack(text == "" and ({told(NIL)}) or ({malformed("a null", text)})) end,
        ["$"] = function(text, depth) return unpack(text == "-1" and ({told(NIL)}) or ({readString(text, depth)})) end,
        ["="] = function(text) return readText(text, 4) end,
        ["!"] = function(text) return readFailure(text) end,
        ["*"] = function(text, depth) return unpack(text == "-1" and ({told(NIL)}) or ({readList(text, 1, depth)})) end,
        ["~"] = function(text, depth) return readList(text, 1, depth) end,
        ["%"] = function(text, depth) return readList(text, 2, depth) end,
        [">"] = function(text, depth) return readPush(text, depth) end,
        ["|"] = function(text, depth) return readAttributed(text, depth) end
    }
    return {
        read = function()
            values = 1
            return readValue(1)
        end,
        rest = function() return string.sub(unread, at) end
    }
end
function told(reply)
    return reply, nil
end
function matching(text, pattern)
    local found = string.find(text, pattern)
    if found == nil then
        return malformed("a number", text)
    end
    return told({kind = "text", text = text})
end
--- An error of Redis may quote what clients sent: it ends in logs, so no byte of it may be more than text.
function failure(text)
    return told({
        kind = "error",
        message = printable(text, ERROR_BYTES)
    })
end
function sizeOf(text)
    local digits = string.match(text, "^%d+$")
    return tonumber(digits)
end
function stringOf(size)
    return ("a string of " .. string.format("%.0f", size)) .. " bytes"
end
function tooMany(count)
    return oversized(("a list of " .. string.format("%.0f", count)) .. " values")
end
function oversized(detail)
    return nil, "oversized", detail
end
function malformed(expected, got)
    return nil, "malformed", ((("not a reply of Redis: expected " .. expected) .. ", got \"") .. printable(got, 40)) .. "\""
end
PIECES_A_BREATH = 16
VALUES_A_BREATH = 500
ERROR_BYTES = 300
NIL = {kind = "nil"}
--- Reads the replies to so many commands, in RESP2 or RESP3 (https://redis.io/docs/latest/develop/reference/protocol-spec/).
-- Pushes may come between two replies and are passed over.
-- 
-- Invariant: whatever the server sends, memory and time are bounded by `limits`. A size is looked at before anything is
-- reserved or awaited for it.
-- 
-- @param breathe lets requests have their turn. Yields
function ____exports.readReplies(count, receive, breathe, limits)
    if limits == nil then
        limits = REPLY_LIMITS
    end
    local ____replyReader_result_0 = replyReader(receive, breathe, limits)
    local read = ____replyReader_result_0.read
    local rest = ____replyReader_result_0.rest
    local replies = {}
    while #replies < count do
        local reply, err, detail = read()
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
        rest = rest()
    }, nil
end
--- Stands for a push, whatever it says.
PUSH = {kind = "list", items = {}}
return ____exports

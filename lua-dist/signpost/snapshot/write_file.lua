local ____exports = {}
local copyPrefix, copyBatch, readKeys, wantedKeys, printKey, noteLeftOut, reasonOf, textsOf, itemsOf, escapeGlob, BATCH, LEFT_OUT, NAME_BYTES, WRITES
local ____read_values = require("signpost.redis.read_values")
local MOST_ITEMS = ____read_values.MOST_ITEMS
local ____replies = require("signpost.redis.replies")
local problemOf = ____replies.problemOf
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
local ____pool_definition = require("signpost.format.pool_definition")
local POOL_BYTES = ____pool_definition.POOL_BYTES
local ____command_line = require("signpost.snapshot.command_line")
local printCommand = ____command_line.printCommand
function copyPrefix(draft, prefix)
    local cursor = "0"
    repeat
        do
            local next, err, detail = copyBatch(draft, prefix, cursor)
            if err ~= nil then
                return nil, err, detail
            end
            if not draft.parts.breathe() then
                return nil, "given_up", "another worker watches Redis now"
            end
            cursor = next
        end
    until not (cursor ~= "0")
    return true, nil
end
--- @returns SCAN's next cursor; `0` after the last batch.
function copyBatch(draft, prefix, cursor)
    local pattern = escapeGlob(prefix) .. "*"
    local replies, err, detail = draft.parts.redis.ask({{
        "scan",
        cursor,
        "match",
        pattern,
        "count",
        BATCH
    }}, NAME_BYTES)
    if err ~= nil then
        return nil, err, detail
    end
    local next, found = unpack(
        itemsOf(replies[1]),
        1,
        2
    )
    if (next and next.kind) ~= "text" or (found and found.kind) ~= "list" then
        return nil, "redis_down", "SCAN: " .. problemOf(replies[1], "a cursor and keys")
    end
    local names = textsOf(found.items)
    if #names == 0 then
        return next.text, nil
    end
    local lines, failure, reason = readKeys(draft, prefix, names)
    if failure ~= nil then
        return nil, failure, reason
    end
    local ____, unwritten, problem = draft.file.write(lines)
    if unwritten ~= nil then
        return nil, unwritten, problem
    end
    return next.text, nil
end
--- @returns the lines that restore these keys.
function readKeys(draft, prefix, names)
    local values, err, detail = draft.parts.readValues(wantedKeys(prefix, names))
    if err ~= nil then
        return nil, err, detail
    end
    local lines = {}
    for i = 0, #names - 1 do
        local key, value = names[i + 1], values[i + 1]
        -- The user may read no key of this type, so the new file would hold less than the old one.
        if value.kind == "forbidden" then
            return nil, "redis_down", (quote(key) .. ": ") .. value.reason
        end
        printKey(draft, lines, key, value)
    end
    return table.concat(lines), nil
end
function wantedKeys(prefix, names)
    local wanted = {}
    for ____, key in ipairs(names) do
        wanted[#wanted + 1] = {key = key, stringBytes = POOL_BYTES, prefix = prefix}
    end
    return wanted
end
--- Adds the lines that write a key. A key that has gone or changed its type since SCAN returned it adds none, because
-- Redis will push that change.
function printKey(draft, lines, key, value)
    if value.kind == "text" and #value.text <= POOL_BYTES then
        lines[#lines + 1] = printCommand({"SET", key, value.text}) .. "\n"
        draft.keys = draft.keys + 1
    elseif value.kind == "items" then
        local words = {WRITES[value.type], key}
        for ____, item in ipairs(value.items) do
            words[#words + 1] = item
        end
        lines[#lines + 1] = printCommand({"DEL", key}) .. "\n"
        lines[#lines + 1] = printCommand(words) .. "\n"
        draft.keys = draft.keys + 1
    else
        local reason = reasonOf(value)
        if reason == nil then
            return
        end
        draft.leftOut = draft.leftOut + 1
        draft.example = (quote(key) .. ": ") .. reason
    end
end
--- Notes in the log and at the end of the file that keys were left out.
function noteLeftOut(draft)
    if draft.leftOut == 0 then
        return true, nil
    end
    local note = (tostring(draft.leftOut) .. " keys are not in the snapshot, such as ") .. draft.example
    draft.parts.log.warn(note, LEFT_OUT)
    return draft.file.write(printCommand({"ECHO", note}) .. "\n")
end
--- @returns why a value is left out; nothing for a value that is neither a route nor a pool.
function reasonOf(value)
    if value.kind == "text" then
        return ("expected no more than " .. tostring(POOL_BYTES)) .. " bytes"
    end
    if value.kind == "too_many" then
        return (("expected no more than " .. tostring(MOST_ITEMS)) .. " items, got ") .. tostring(value.count)
    end
    if value.kind == "too_large" or value.kind == "refused" then
        return value.reason
    end
    return nil
end
--- @returns the texts of a list, except those that were too long to read: no route or pool has such a key.
function textsOf(replies)
    local texts = {}
    for ____, reply in ipairs(replies) do
        if reply.kind == "text" then
            texts[#texts + 1] = reply.text
        end
    end
    return texts
end
function itemsOf(reply)
    return (reply and reply.kind) == "list" and reply.items or ({})
end
--- @returns a pattern for SCAN that matches this text and no other.
function escapeGlob(text)
    local escaped = string.gsub(text, "[%*%?%[%]\\]", "\\%0")
    return escaped
end
BATCH = "100"
LEFT_OUT = "not in the snapshot"
NAME_BYTES = 1024
WRITES = {hash = "HSET", list = "RPUSH", set = "SADD"}
--- Writes what Redis holds under the prefixes to a file of Redis commands, one per line. `redis-cli < file` restores it.
-- Each key is written as a whole, because SCAN may return it twice: `DEL` comes first where the command would only add
-- to the key.
-- 
-- A value is left out if it exceeds the limits of `read_values` or if this user may not read its key. The log says so,
-- and the file then ends with a line that is no route, which tells its reader that the file is incomplete. (`redis-cli`
-- prints that line.)
-- 
-- @returns how many keys were written. The file is neither published nor discarded.
function ____exports.writeSnapshot(file, parts)
    local draft = {
        file = file,
        parts = parts,
        keys = 0,
        leftOut = 0,
        example = ""
    }
    for i = 0, #parts.prefixes - 1 do
        local ____, err, detail = copyPrefix(draft, parts.prefixes[i + 1])
        if err ~= nil then
            return nil, err, detail
        end
    end
    local ____, failure, reason = noteLeftOut(draft)
    if failure ~= nil then
        return nil, failure, reason
    end
    return draft.keys, nil
end
return ____exports

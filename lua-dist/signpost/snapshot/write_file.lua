local ____exports = {}
local reasonOf, textsOf, itemsOf, escapeGlob
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
--- @returns why a value is missed in the file; nothing for what never is a route or a pool.
function reasonOf(value)
    if value.kind == "text" then
        return ("expected no more than " .. tostring(POOL_BYTES)) .. " bytes"
    end
    if value.kind == "too_many" then
        return (("expected no more than " .. tostring(MOST_ITEMS)) .. " items, got ") .. tostring(value.count)
    end
    return (value.kind == "too_large" or value.kind == "refused") and value.reason or nil
end
--- @returns the texts of a list, without those that were passed over: no route and no pool has so long a name.
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
--- @returns the text for a SCAN pattern that means nothing but itself.
function escapeGlob(text)
    local escaped = string.gsub(text, "[%*%?%[%]\\]", "\\%0")
    return escaped
end
--- How many keys Redis is asked for at once: milliseconds for either side.
local BATCH = "100"
--- What lines of the log are about that say what stays out.
local LEFT_OUT = "not in the snapshot"
--- The longest name of a key that is looked at, bytes: longer than that of any route or pool.
local NAME_BYTES = 1024
--- How the items of a type are written again.
local WRITES = {hash = "HSET", list = "RPUSH", set = "SADD"}
--- Writes what Redis holds under the prefixes to a file, as Redis commands, one a line: `redis-cli < file` restores it.
-- A key is replaced as a whole (`DEL` first, where the command would only add to it), for SCAN may tell of one twice.
-- 
-- A value beyond the limits of `read_values`, or that may not be read, stays out, and the log says so. The file then ends
-- with a line that is no route: who loads it knows that it is not all that Redis held. (`redis-cli` prints it.)
-- 
-- @returns how many keys were written. The file is neither published nor discarded.
function ____exports.writeSnapshot(file, parts)
    local noteLeftOut, copyBatch, readKeys, printKey, keys, leftOut, example
    function noteLeftOut()
        if leftOut == 0 then
            return true, nil
        end
        local note = (tostring(leftOut) .. " keys are not in the snapshot, such as ") .. example
        parts.log.warn(note, LEFT_OUT)
        return file.write(printCommand({"ECHO", note}) .. "\n")
    end
    --- @returns SCAN's next cursor.
    function copyBatch(prefix, cursor)
        local pattern = escapeGlob(prefix) .. "*"
        local replies, err, detail = parts.redis.ask({{
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
        local lines, failure, reason = readKeys(prefix, names)
        if failure ~= nil then
            return nil, failure, reason
        end
        local ____, unwritten, problem = file.write(lines)
        if unwritten ~= nil then
            return nil, unwritten, problem
        end
        return next.text, nil
    end
    --- @returns the lines that write these keys again.
    function readKeys(prefix, names)
        local wanted = {}
        for ____, key in ipairs(names) do
            wanted[#wanted + 1] = {key = key, stringBytes = POOL_BYTES, prefix = prefix}
        end
        local values, err, detail = parts.readValues(wanted)
        if err ~= nil then
            return nil, err, detail
        end
        local lines = {}
        for i = 0, #names - 1 do
            local key, value = names[i + 1], values[i + 1]
            -- Not of this key alone: without such a right the file would hold less than the last one.
            if value.kind == "forbidden" then
                return nil, "redis_down", (quote(key) .. ": ") .. value.reason
            end
            printKey(lines, key, value)
        end
        return table.concat(lines), nil
    end
    --- A key that has changed its type or gone since it was asked for will be said to have changed, and is left out.
    function printKey(lines, key, value)
        if value.kind == "text" and #value.text <= POOL_BYTES then
            lines[#lines + 1] = printCommand({"SET", key, value.text}) .. "\n"
            keys = keys + 1
        elseif value.kind == "items" then
            local words = {WRITES[value.type], key}
            for ____, item in ipairs(value.items) do
                words[#words + 1] = item
            end
            lines[#lines + 1] = printCommand({"DEL", key}) .. "\n"
            lines[#lines + 1] = printCommand(words) .. "\n"
            keys = keys + 1
        else
            local reason = reasonOf(value)
            if reason == nil then
                return
            end
            leftOut = leftOut + 1
            example = (quote(key) .. ": ") .. reason
        end
    end
    keys = 0
    leftOut = 0
    example = ""
    for ____, prefix in ipairs(parts.prefixes) do
        local cursor = "0"
        while cursor ~= nil do
            local next, err, detail = copyBatch(prefix, cursor)
            if err ~= nil then
                return nil, err, detail
            end
            if not parts.breathe() then
                return nil, "given_up", "another worker watches Redis now"
            end
            local ____temp_0
            if next == "0" then
                ____temp_0 = nil
            else
                ____temp_0 = next
            end
            cursor = ____temp_0
        end
    end
    local ____, failure, reason = noteLeftOut()
    if failure ~= nil then
        return nil, failure, reason
    end
    return keys, nil
end
return ____exports

local ____exports = {}
local textsOf, textOf, itemsOf, problemOf, escapeGlob
local ____command_line = require("signpost.snapshot.command_line")
local printCommand = ____command_line.printCommand
function textsOf(replies)
    local texts = {}
    for ____, reply in ipairs(replies) do
        texts[#texts + 1] = textOf(reply)
    end
    return texts
end
function textOf(reply)
    return (reply and reply.kind) == "text" and reply.text or ""
end
function itemsOf(reply)
    return (reply and reply.kind) == "list" and reply.items or ({})
end
function problemOf(reply, expected)
    return (reply and reply.kind) == "error" and reply.message or "expected " .. expected
end
function escapeGlob(text)
    local escaped = string.gsub(text, "[%*%?%[%]\\]", "\\%0")
    return escaped
end
--- How many keys Redis is asked for at once: milliseconds for either side.
local BATCH = "100"
--- The types that can be a route or a pool.
local FORMATS = {
    string = {
        read = function(key) return {"get", key} end,
        write = "SET"
    },
    hash = {
        read = function(key) return {"hgetall", key} end,
        write = "HSET"
    },
    list = {
        read = function(key) return {"lrange", key, "0", "-1"} end,
        write = "RPUSH"
    },
    set = {
        read = function(key) return {"smembers", key} end,
        write = "SADD"
    }
}
--- Writes what Redis holds under the prefixes to a file, as Redis commands, one a line: `redis-cli < file` restores it.
-- A key is replaced as a whole (`DEL` first, where the command would only add to it), for SCAN may tell of one twice.
-- 
-- @returns how many keys were written. The file is neither published nor discarded.
function ____exports.writeSnapshot(file, parts)
    local copyBatch, readKeys, printKey, keys
    function copyBatch(prefix, cursor)
        local pattern = escapeGlob(prefix) .. "*"
        local replies, err, detail = parts.redis.ask({{
            "scan",
            cursor,
            "match",
            pattern,
            "count",
            BATCH
        }})
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
        if #found.items == 0 then
            return next.text, nil
        end
        local lines, failure, reason = readKeys(textsOf(found.items))
        if failure ~= nil then
            return nil, failure, reason
        end
        local ____, unwritten, problem = file.write(lines)
        if unwritten ~= nil then
            return nil, unwritten, problem
        end
        return next.text, nil
    end
    function readKeys(names)
        local typesWanted = {}
        for ____, name in ipairs(names) do
            typesWanted[#typesWanted + 1] = {"type", name}
        end
        local types, err, detail = parts.redis.ask(typesWanted)
        if err ~= nil then
            return nil, err, detail
        end
        local formats = {}
        local valuesWanted = {}
        for i = 0, #names - 1 do
            local key, typeReply = names[i + 1], types[i + 1]
            if (typeReply and typeReply.kind) ~= "text" then
                return nil, "redis_down", (("TYPE " .. key) .. ": ") .. problemOf(typeReply, "a type")
            end
            formats[i + 1] = FORMATS[typeReply.text]
            local ____opt_7 = formats[i + 1]
            valuesWanted[#valuesWanted + 1] = ____opt_7 and ____opt_7.read(key) or ({"type", key})
        end
        local values, failure, reason = parts.redis.ask(valuesWanted)
        if failure ~= nil then
            return nil, failure, reason
        end
        local lines = {}
        for i = 0, #names - 1 do
            local key = names[i + 1]
            local problem = printKey(lines, key, formats[i + 1], values[i + 1])
            if problem ~= nil then
                return nil, "redis_down", (key .. ": ") .. problem
            end
        end
        return table.concat(lines), nil
    end
    function printKey(lines, key, format, value)
        if value == nil then
            return problemOf(value, "a value")
        end
        if format == nil or value.kind == "nil" then
            return nil
        end
        if value.kind == "error" then
            local changed = string.find(value.message, "^WRONGTYPE")
            return changed == nil and value.message or nil
        end
        local words = {format.write, key}
        if value.kind == "text" then
            words[#words + 1] = value.text
        else
            if #value.items == 0 then
                return nil
            end
            lines[#lines + 1] = printCommand({"DEL", key}) .. "\n"
            for ____, item in ipairs(textsOf(value.items)) do
                words[#words + 1] = item
            end
        end
        lines[#lines + 1] = printCommand(words) .. "\n"
        keys = keys + 1
        return nil
    end
    keys = 0
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
    return keys, nil
end
return ____exports

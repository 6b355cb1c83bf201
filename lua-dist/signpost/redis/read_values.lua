local ____exports = {}
local checkRights, readString, readWholeString, byType, measure, sizeFrom, readItems, isEachRefused, refused, value, more, down, tooLarge, unlikeAny, MOST_MEMORY, COMMANDS, ABSENT, CHANGED
local ____complaint = require("signpost.text.complaint")
local printable = ____complaint.printable
local ____replies = require("signpost.redis.replies")
local isError = ____replies.isError
local isRefused = ____replies.isRefused
local isWrongType = ____replies.isWrongType
local problemOf = ____replies.problemOf
local textsOf = ____replies.textsOf
local ____steps = require("signpost.redis.steps")
local step = ____steps.step
local takeSteps = ____steps.takeSteps
--- Reports `redis_down` for a user who may read no key of the space, because Redis then tells nothing.
function checkRights(redis, keys, values)
    local wanted, first = keys[1], values[1]
    if wanted == nil or (first and first.kind) ~= "refused" or not isEachRefused(values) then
        return values, nil
    end
    local replies, err, detail = redis.ask({{"get", wanted.prefix}})
    if err ~= nil then
        return nil, err, detail
    end
    if not isRefused(replies[1]) then
        return values, nil
    end
    return nil, "redis_down", (printable(wanted.key, 300) .. ": ") .. first.reason
end
--- @param isAgain whether `TYPE` has already said that it is a string, or is refused
function readString(rights, wanted, isAgain)
    if not rights.allows("getrange") then
        return readWholeString(rights, wanted, isAgain)
    end
    local ____wanted_2 = wanted
    local key = ____wanted_2.key
    local stringBytes = ____wanted_2.stringBytes
    -- GETRANGE also returns "" if there is no key: the TYPE after it tells the two apart.
    local commands = {
        {
            "getrange",
            key,
            "0",
            tostring(stringBytes)
        },
        {"type", key}
    }
    return step(
        commands,
        function(replies)
            local text, ____type = unpack(replies, 1, 2)
            if (text and text.kind) == "text" and text.text ~= "" then
                return value(text)
            end
            if isRefused(text) then
                return more(readWholeString(
                    rights,
                    wanted,
                    isAgain,
                    function() return rights.lacks("getrange") end
                ))
            end
            if (text and text.kind) ~= "text" and not isWrongType(text) then
                return down("GETRANGE", key, text, "a text")
            end
            if isRefused(____type) then
                return more(readWholeString(rights, wanted, true))
            end
            return byType(
                rights,
                wanted,
                ____type,
                isAgain,
                text
            )
        end
    )
end
--- @param permitted called if Redis permits this command: then it refused the earlier one itself, not the key
function readWholeString(rights, wanted, isAgain, permitted)
    local ____wanted_7 = wanted
    local key = ____wanted_7.key
    local stringBytes = ____wanted_7.stringBytes
    local commands = {{"get", key}, {"type", key}}
    return step(
        commands,
        function(replies)
            local text, ____type = unpack(replies, 1, 2)
            if isRefused(text) then
                return refused(key, text, ____type)
            end
            if permitted ~= nil then
                permitted()
            end
            if (text and text.kind) == "nil" then
                return value(ABSENT)
            end
            if (text and text.kind) == "text" then
                return value(text)
            end
            if (text and text.kind) == "oversized" then
                return value(tooLarge(
                    tostring(stringBytes) .. " bytes",
                    text.detail
                ))
            end
            if not isWrongType(text) then
                return down("GET", key, text, "a text")
            end
            if isRefused(____type) then
                return value({
                    kind = "forbidden",
                    reason = "TYPE: " .. problemOf(____type, "")
                })
            end
            return byType(
                rights,
                wanted,
                ____type,
                isAgain,
                text
            )
        end
    )
end
--- Decides by the reply to `TYPE`, which is newer than the reply before it.
function byType(rights, wanted, reply, isAgain, said)
    if (reply and reply.kind) ~= "text" then
        return down("TYPE", wanted.key, reply, "a type")
    end
    local ____type = reply.text
    if ____type == "none" then
        return value(ABSENT)
    end
    if ____type == "string" then
        -- It is empty, or has just become a string.
        if not isAgain then
            return more(readString(rights, wanted, true))
        end
        return value((said and said.kind) == "text" and said or CHANGED)
    end
    if COMMANDS[____type] ~= nil then
        return more(measure(rights, wanted.key, ____type))
    end
    return value(unlikeAny("a " .. printable(____type, 40)))
end
function measure(rights, key, ____type)
    local ____COMMANDS_____type_20 = COMMANDS[____type]
    local count = ____COMMANDS_____type_20.count
    local counts = rights.allows(count)
    local commands = {}
    if counts then
        commands[#commands + 1] = {count, key}
    end
    -- SAMPLES: Redis adds up this many elements, and takes the others to be like them. A value with no more elements is
    -- measured exactly; of a million elements, Redis looks only at this many.
    if rights.allows("memory") then
        commands[#commands + 1] = {
            "memory",
            "usage",
            key,
            "samples",
            tostring(____exports.MOST_ITEMS)
        }
    end
    if #commands == 0 then
        return readItems(key, ____type)
    end
    return step(
        commands,
        function(replies)
            if counts then
                local size, err, detail = sizeFrom(rights, replies[1], count, key)
                if err ~= nil then
                    return nil, err, detail
                end
                if size > ____exports.MOST_ITEMS then
                    return value({kind = "too_many", type = ____type, count = size})
                end
            end
            if #commands > (counts and 1 or 0) then
                local bytes, err, detail = sizeFrom(rights, replies[#commands], "memory", key)
                if err ~= nil then
                    return nil, err, detail
                end
                if bytes > MOST_MEMORY then
                    return value(tooLarge(
                        tostring(MOST_MEMORY) .. " bytes of memory in Redis",
                        tostring(bytes)
                    ))
                end
            end
            return more(readItems(key, ____type))
        end
    )
end
--- @returns 0 if there is no value of this type, or if its size is not known.
function sizeFrom(rights, reply, command, key)
    -- ERR: some servers have no MEMORY USAGE, or do not know SAMPLES.
    if isRefused(reply) or isError(reply, "ERR") then
        rights.lacks(command)
        return 0, nil
    end
    if (reply and reply.kind) == "nil" or isWrongType(reply) then
        return 0, nil
    end
    local ____temp_25
    if (reply and reply.kind) == "text" then
        ____temp_25 = tonumber(reply.text)
    else
        ____temp_25 = nil
    end
    local size = ____temp_25
    if size == nil then
        return down(
            string.upper(command),
            key,
            reply,
            "a number"
        )
    end
    return size, nil
end
function readItems(key, ____type)
    local ____COMMANDS_____type_26 = COMMANDS[____type]
    local all = ____COMMANDS_____type_26.all
    local counted = ____COMMANDS_____type_26.counted
    local command = all(key)
    local verb = string.upper(command[1])
    return step(
        {command},
        function(replies)
            local reply = unpack(replies, 1, 1)
            if isWrongType(reply) then
                return value(CHANGED)
            end
            if isRefused(reply) then
                return value({
                    kind = "forbidden",
                    reason = (verb .. ": ") .. problemOf(reply, "")
                })
            end
            if (reply and reply.kind) == "oversized" then
                return value(tooLarge(
                    ((((tostring(____exports.MOST_ITEMS) .. " ") .. counted) .. " and ") .. tostring(MOST_MEMORY)) .. " bytes",
                    reply.detail
                ))
            end
            local items = textsOf(reply)
            if items == nil then
                return down(verb, key, reply, "a list of texts")
            end
            local count = ____type == "hash" and #items / 2 or #items
            if count > ____exports.MOST_ITEMS then
                return value({kind = "too_many", type = ____type, count = count})
            end
            return value(count == 0 and ABSENT or ({kind = "items", type = ____type, items = items}))
        end
    )
end
function isEachRefused(values)
    for ____, each in ipairs(values) do
        if each.kind ~= "refused" then
            return false
        end
    end
    return true
end
--- If both commands are refused, Redis refuses the key, not the command.
function refused(key, text, ____type)
    if not isRefused(____type) then
        return down("GET", key, text, "a text")
    end
    return value({
        kind = "refused",
        reason = "GET: " .. problemOf(text, "a text")
    })
end
function value(known)
    return known, nil
end
function more(next)
    return next, nil
end
--- Redis answered, but not the question (`LOADING`, `MASTERDOWN`, `NOAUTH`, …).
function down(command, key, reply, expected)
    return nil, "redis_down", (((command .. " ") .. printable(key, 300)) .. ": ") .. problemOf(reply, expected)
end
function tooLarge(expected, got)
    return {kind = "too_large", reason = (("expected no more than " .. expected) .. ", got ") .. got}
end
function unlikeAny(found)
    return {kind = "other_type", reason = "expected a string, a hash, a list or a set, found " .. found}
end
--- The most items (of a hash: fields) that are asked for. No route or pool may have as many, so a value that is only a
-- little too large is still read, and refused with the exact place.
____exports.MOST_ITEMS = 2048
MOST_MEMORY = 1048576
COMMANDS = {
    hash = {
        count = "hlen",
        counted = "fields",
        all = function(key) return {"hgetall", key} end
    },
    list = {
        count = "llen",
        counted = "items",
        all = function(key) return {
            "lrange",
            key,
            "0",
            tostring(____exports.MOST_ITEMS)
        } end
    },
    set = {
        count = "scard",
        counted = "members",
        all = function(key) return {"smembers", key} end
    }
}
ABSENT = {kind = "absent"}
CHANGED = {kind = "changed", reason = "it changed its type while it was read"}
--- Reads keys side by side: strings in one round trip; hashes, lists and sets in two more. The first of these asks how
-- large they are.
-- 
-- Invariants: Redis is never asked for more than the limits above, if the user may run the commands that bound it; if
-- not, the reader of replies cuts off larger ones. A fault of one key is that key's value, never a failure of Redis.
-- Only a nil, `none` or an empty list in the last reply about a key means that there is no such key.
function ____exports.valueReader(redis, rights)
    return function(keys)
        local states = {}
        for ____, wanted in ipairs(keys) do
            states[#states + 1] = readString(rights, wanted, false)
        end
        local values, err, detail = takeSteps(redis, states)
        if err ~= nil then
            return nil, err, detail
        end
        return checkRights(redis, keys, values)
    end
end
return ____exports

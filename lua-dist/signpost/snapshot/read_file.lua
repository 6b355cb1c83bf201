local ____exports = {}
local targetReader, REMEMBERED_TARGETS
local ____replies = require("signpost.origin.replies")
local readOther = ____replies.readOther
local readTarget = ____replies.readTarget
local ____command_line = require("signpost.snapshot.command_line")
local parseCommand = ____command_line.parseCommand
function targetReader()
    local known = {}
    local room = REMEMBERED_TARGETS
    return function(text)
        local before = known[text]
        if before ~= nil then
            return before
        end
        local reading = readTarget(text)
        if room > 0 then
            room = room - 1
            known[text] = reading
        end
        return reading
    end
end
local COMMANDS = {
    SET = {
        form = "SET with a key and its value",
        takes = function(words) return words == 3 end
    },
    DEL = {
        form = "DEL with a key",
        takes = function(words) return words == 2 end
    },
    HSET = {
        found = "a hash",
        form = "HSET with a key and its value",
        takes = function(words) return words >= 4 and words % 2 == 0 end
    },
    RPUSH = {
        found = "a list",
        form = "RPUSH with a key and its value",
        takes = function(words) return words >= 3 end
    },
    SADD = {
        found = "a set",
        form = "SADD with a key and its value",
        takes = function(words) return words >= 3 end
    }
}
--- The longest name that a host tries: one of 253 bytes that begins with a dot, as a wildcard.
local NAME_BYTES = 254
--- So many bad lines are said one by one.
local SAID_LINES = 20
local ABSENT = {kind = "absent"}
--- Reads routes from a file of Redis commands, one a line: a snapshot, or a routes file. A line that cannot be used is
-- logged with its number and left out; the others are used.
-- 
-- @returns how many lines were left out
function ____exports.readRoutes(path, parts, take)
    local readLine, readKey, routePrefix, poolPrefix, targets
    function readLine(line)
        local words, bad_line, reason = parseCommand(line)
        if bad_line ~= nil then
            return reason
        end
        local verb, key, value = unpack(words, 1, 3)
        if verb == nil then
            return nil
        end
        local command = COMMANDS[string.upper(verb)]
        if command == nil then
            return "expected SET, DEL, HSET, RPUSH or SADD"
        end
        if key == nil or not command.takes(#words) then
            return "expected " .. command.form
        end
        return readKey(key, command.found, value)
    end
    function readKey(key, found, value)
        if string.sub(key, 1, #routePrefix) ~= routePrefix then
            local isPool = string.sub(key, 1, #poolPrefix) == poolPrefix
            local ____isPool_1
            if isPool then
                ____isPool_1 = nil
            else
                ____isPool_1 = (("expected a key that begins with " .. routePrefix) .. " or ") .. poolPrefix
            end
            return ____isPool_1
        end
        local name = string.sub(key, #routePrefix + 1)
        if #name >= 1 and #name <= NAME_BYTES then
            take(
                name,
                found ~= nil and readOther(found) or (value == nil and ABSENT or targets(value))
            )
        end
        return nil
    end
    local ____parts_0 = parts
    local files = ____parts_0.files
    local log = ____parts_0.log
    routePrefix = ____parts_0.routePrefix
    poolPrefix = ____parts_0.poolPrefix
    local lines, err, detail = files.lines(path)
    if err ~= nil then
        return nil, err, detail
    end
    targets = targetReader()
    local number = 0
    local bad = 0
    for line in lines do
        number = number + 1
        local problem = readLine(line)
        if problem ~= nil then
            bad = bad + 1
            if bad <= SAID_LINES then
                log.error((((path .. ": line ") .. tostring(number)) .. ": ") .. problem)
            end
        end
    end
    if bad > SAID_LINES then
        log.error(((path .. ": ") .. tostring(bad)) .. " bad lines in all")
    end
    return bad, nil
end
REMEMBERED_TARGETS = 10000
return ____exports

local ____exports = {}
local stringReader, REMEMBERED_TARGETS
local ____forms = require("signpost.origin.forms")
local formsOf = ____forms.formsOf
local ____replies = require("signpost.origin.replies")
local readingOf = ____replies.readingOf
local ____command_line = require("signpost.snapshot.command_line")
local parseCommand = ____command_line.parseCommand
local ____gather = require("signpost.snapshot.gather")
local newGathered = ____gather.newGathered
function stringReader()
    local known = {}
    local room = REMEMBERED_TARGETS
    return function(name, text)
        local read = formsOf(name).string
        local readings = known[read] or ({})
        known[read] = readings
        local before = readings[text]
        if before ~= nil then
            return before
        end
        local reading = readingOf(read, text)
        if room > 0 then
            room = room - 1
            readings[text] = reading
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
        form = "HSET with a key, fields and their values",
        takes = function(words) return words >= 4 and words % 2 == 0 end
    },
    RPUSH = {
        form = "RPUSH with a key and its items",
        takes = function(words) return words >= 3 end
    },
    SADD = {
        form = "SADD with a key and its members",
        takes = function(words) return words >= 3 end
    }
}
--- Which type a command makes, by Redis's word for it.
local TYPES = {HSET = "hash", RPUSH = "list", SADD = "set", DEL = "none"}
--- So many bad lines are said one by one.
local SAID_LINES = 20
local ABSENT = {kind = "absent"}
--- Reads routes and pools from a file of Redis commands, one a line: a snapshot, or a routes file. A line that cannot be
-- used is logged with its number and left out; the others are used.
-- 
-- What the file leaves in Redis is what counts: several lines may write one hash, list or set. So strings are told as they
-- come, and what else there is at the end of the file.
-- 
-- @returns how many lines were left out
function ____exports.readRoutes(path, parts, take)
    local readLine, readValue, tellNames, tellName, keys, readString, gathered, value, isMeant, readNow
    function readLine(line)
        local words, bad_line, reason = parseCommand(line)
        if bad_line ~= nil then
            return reason
        end
        local verb, key, text = unpack(words, 1, 3)
        if verb == nil then
            return nil
        end
        local upper = string.upper(verb)
        local command = COMMANDS[upper]
        if command == nil then
            return "expected SET, DEL, HSET, RPUSH or SADD"
        end
        if key == nil or not command.takes(#words) then
            return "expected " .. command.form
        end
        if not keys.covers(key) then
            return (("expected a key that begins with " .. keys.routePrefix) .. " or ") .. keys.poolPrefix
        end
        if upper ~= "SET" or text == nil then
            return gathered.add(upper, key, line)
        end
        gathered.forget(key)
        value = text
        tellNames(key, readValue)
        return nil
    end
    function readValue(name)
        return readString(name, value)
    end
    function tellNames(key, read)
        isMeant = true
        readNow = read
        keys.eachName(key, tellName)
    end
    function tellName(name)
        local reading = readNow(name)
        if isMeant or reading.kind ~= "bad" then
            take(name, reading)
        end
        isMeant = false
    end
    local ____parts_0 = parts
    local files = ____parts_0.files
    local log = ____parts_0.log
    keys = ____parts_0.keys
    local lines, err, detail = files.lines(path)
    if err ~= nil then
        return nil, err, detail
    end
    readString = stringReader()
    gathered = newGathered()
    local number = 0
    local bad = 0
    value = ""
    isMeant = true
    readNow = readValue
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
    gathered.each(function(key, command, items)
        tellNames(
            key,
            function(name)
                local form = formsOf(name).others[TYPES[command]]
                return form == nil and ABSENT or readingOf(form.read, items)
            end
        )
    end)
    return bad, nil
end
REMEMBERED_TARGETS = 10000
return ____exports

local ____exports = {}
local pieces, stringReader, PIECE_LINES, LINE_BYTES, REMEMBERED_TARGETS
local ____forms = require("signpost.origin.forms")
local formsOf = ____forms.formsOf
local ____reading = require("signpost.origin.reading")
local ABSENT = ____reading.ABSENT
local ____replies = require("signpost.origin.replies")
local readingOf = ____replies.readingOf
local ____reach = require("signpost.routing.reach")
local withinReach = ____reach.withinReach
local ____command_line = require("signpost.snapshot.command_line")
local parseCommand = ____command_line.parseCommand
local ____gather = require("signpost.snapshot.gather")
local newGathered = ____gather.newGathered
function pieces(turn)
    local done = 0
    return function(line)
        if done >= PIECE_LINES then
            done = 0
            if not turn() then
                return false
            end
        end
        done = done + (1 + math.floor(#line / LINE_BYTES))
        return true
    end
end
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
PIECE_LINES = 200
LINE_BYTES = 100
--- Reads routes and pools from a file of Redis commands, one a line: a snapshot, or a routes file. A line that cannot be
-- used is logged with its number and left out; the others are used.
-- 
-- What the file leaves in Redis is what counts: several lines may write one hash, list or set. So strings are told as they
-- come, and what else there is at the end of the file. One thing differs: where a key that is a string becomes a hash, list
-- or set without a DEL, Redis would refuse the line; here the last form wins.
-- 
-- @param turn called between the pieces of the work
-- @returns how many lines were left out. `file_error`: the file could not be read, or not to its end, and what was told is
-- a part of it. `given_up`: `turn` has said so.
function ____exports.readRoutes(path, parts, take, turn)
    local note, tellGathered, readLine, readValue, tellNames, tellName, log, keys, readString, gathered, number, bad, value, isMeant, readNow
    function note(problem)
        if problem ~= nil then
            bad = bad + 1
            if bad <= SAID_LINES then
                log.error((((path .. ": line ") .. tostring(number)) .. ": ") .. problem)
            end
        end
    end
    function tellGathered(key, command, items)
        tellNames(
            key,
            function(name)
                local form = formsOf(name).others[TYPES[command]]
                return form == nil and ABSENT or readingOf(form.read, items)
            end
        )
    end
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
        local reading = withinReach(
            parts.reach,
            name,
            readNow(name)
        )
        if isMeant or reading.kind ~= "bad" then
            take(name, reading)
        end
        isMeant = false
    end
    local ____parts_0 = parts
    local files = ____parts_0.files
    log = ____parts_0.log
    keys = ____parts_0.keys
    local lines, err, detail = files.lines(path)
    if err ~= nil then
        return nil, err, detail
    end
    local pass = pieces(turn)
    readString = stringReader()
    gathered = newGathered()
    number = 0
    bad = 0
    value = ""
    isMeant = true
    readNow = readValue
    do
        while true do
            local line, unread, reason = lines.next()
            if unread ~= nil then
                return nil, unread, reason
            end
            if line == nil then
                break
            end
            if not pass(line) then
                lines.close()
                return nil, "given_up", path
            end
            number = number + 1
            note(readLine(line))
        end
    end
    if bad > SAID_LINES then
        log.error(((path .. ": ") .. tostring(bad)) .. " bad lines in all")
    end
    if not gathered.each(tellGathered, pass) then
        return nil, "given_up", path
    end
    return bad, nil
end
REMEMBERED_TARGETS = 10000
return ____exports

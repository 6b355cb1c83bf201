local ____exports = {}
local readLine, COMMANDS, TOO_LONG
local ____gather = require("signpost.snapshot.gather")
local MOST_WORDS = ____gather.MOST_WORDS
local ____line_words = require("signpost.snapshot.line_words")
local newLineWords = ____line_words.newLineWords
local ____lines = require("signpost.text.lines")
local LONGEST_LINE = ____lines.LONGEST_LINE
--- @returns why the line cannot be used; nothing if it can
function readLine(line, words, number, keys, take)
    local count, bad_line, reason = words.split(line)
    if bad_line ~= nil then
        return reason
    end
    local verb = words.word(0)
    local key = words.word(1)
    if verb == nil then
        return nil
    end
    local command = COMMANDS[verb] or COMMANDS[string.upper(verb)]
    if command == nil then
        return "expected SET, DEL, HSET, RPUSH or SADD"
    end
    if key == nil or not command.takes(count) then
        return "expected " .. command.form
    end
    if not keys.covers(key) then
        return "expected a key that begins with " .. keys.expected
    end
    take(command.name, key, words, number)
    return nil
end
COMMANDS = {
    SET = {
        name = "SET",
        form = "SET with a key and its value",
        takes = function(words) return words == 3 end
    },
    DEL = {
        name = "DEL",
        form = "DEL with a key",
        takes = function(words) return words == 2 end
    },
    HSET = {
        name = "HSET",
        form = "HSET with a key, fields and their values",
        takes = function(words) return words > MOST_WORDS or words >= 4 and words % 2 == 0 end
    },
    RPUSH = {
        name = "RPUSH",
        form = "RPUSH with a key and its items",
        takes = function(words) return words >= 3 end
    },
    SADD = {
        name = "SADD",
        form = "SADD with a key and its members",
        takes = function(words) return words >= 3 end
    }
}
--- The cost of skipping a piece of a line that is too long, as the length of a line that costs as much to read, bytes.
local SKIPPED_BYTES = 1000
--- Reads the rest of a file of Redis commands, one per line.
-- 
-- `file_error`: the file cannot be read to its end. `given_up`: `pass` returned false.
function ____exports.readCommands(lines, parts, take)
    local ____parts_0 = parts
    local path = ____parts_0.path
    local pass = ____parts_0.pass
    local complain = ____parts_0.complain
    local words = newLineWords(MOST_WORDS)
    local number = 1
    do
        while true do
            local line, unread, detail = lines.next()
            if unread == "file_error" then
                return nil, unread, detail
            end
            if unread == nil and line == nil then
                return true, nil
            end
            if not pass(line == nil and SKIPPED_BYTES or #line) then
                return nil, "given_up", path
            end
            if unread ~= "in_long_line" then
                local problem = line == nil and TOO_LONG or readLine(
                    line,
                    words,
                    number,
                    parts.keys,
                    take
                )
                if problem ~= nil then
                    complain(number, problem)
                end
                number = number + 1
            end
        end
    end
end
TOO_LONG = ("expected a line of no more than " .. tostring(LONGEST_LINE)) .. " bytes"
return ____exports

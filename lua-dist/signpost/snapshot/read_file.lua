local ____exports = {}
local readTwice, gatherKeys, pieces, PIECE_LINES, LINE_BYTES
local ____file_commands = require("signpost.snapshot.file_commands")
local readCommands = ____file_commands.readCommands
local ____gather = require("signpost.snapshot.gather")
local newGathered = ____gather.newGathered
local ____mentions = require("signpost.snapshot.mentions")
local newMentions = ____mentions.newMentions
local ____run = require("signpost.snapshot.run")
local newRun = ____run.newRun
local ____tell_routes = require("signpost.snapshot.tell_routes")
local teller = ____tell_routes.teller
--- Tells strings at once and notes all other keys. Then tells those keys.
function readTwice(lines, parts, tell, hash)
    local mentions = newMentions(hash)
    local lastKey
    local ____, err, detail = readCommands(
        lines,
        parts,
        function(command, key, words)
            if command == "SET" then
                lastKey = nil
                mentions.noteAgain(key)
                tell.string(
                    key,
                    words.word(2)
                )
            elseif key ~= lastKey then
                lastKey = key
                mentions.note(key)
            end
        end
    )
    if err ~= nil then
        return nil, err, detail
    end
    if mentions.isEmpty() then
        return true, nil
    end
    local isRepeated = mentions.findRepeated(parts.pass)
    if isRepeated == nil then
        return nil, "given_up", parts.path
    end
    return gatherKeys(lines, parts, tell, isRepeated)
end
--- Reads the file again and tells every key that is not a string. Nearly every key has all its lines in a row. Such a
-- key is told when they end, and then forgotten. Only keys that are mentioned again elsewhere are remembered until the
-- file ends. So a million routes take no more memory than their numbers in `Mentions`.
function gatherKeys(lines, parts, tell, isRepeated)
    local ____parts_0 = parts
    local path = ____parts_0.path
    local keys = ____parts_0.keys
    local pass = ____parts_0.pass
    local complain = ____parts_0.complain
    local repeated = newGathered()
    local run = newRun(tell.items)
    lines.rewind()
    -- The first pass has reported lines that are wrong by themselves.
    local silent = {
        path = path,
        keys = keys,
        pass = pass,
        complain = function()
        end
    }
    local ____, err, detail = readCommands(
        lines,
        silent,
        function(command, key, words, number)
            if command == "SET" then
                repeated.forget(key)
                return
            end
            local ____isRepeated_result_1
            if isRepeated(key) then
                ____isRepeated_result_1 = repeated.add(
                    command,
                    key,
                    words.from(0, {})
                )
            else
                ____isRepeated_result_1 = run.add(command, key, words)
            end
            local problem = ____isRepeated_result_1
            if problem ~= nil then
                complain(number, problem)
            end
        end
    )
    if err ~= nil then
        return nil, err, detail
    end
    run.finish()
    if not repeated.each(tell.items, pass) then
        return nil, "given_up", path
    end
    return true, nil
end
--- @returns a function that counts lines and calls `turn` after each piece of work.
function pieces(turn)
    local done = 0
    return function(bytes)
        if done >= PIECE_LINES then
            done = 0
            if not turn() then
                return false
            end
        end
        done = done + (1 + math.floor(bytes / LINE_BYTES))
        return true
    end
end
--- How many bad lines are logged one by one.
local SAID_LINES = 20
--- Reads routes and pools from a file of Redis commands, one per line: a snapshot or a routes file. A line that cannot
-- be used is logged with its number and left out. The other lines are used.
-- 
-- The result is what the file would leave in Redis: several lines may write one hash, list or set. So strings are told
-- at once, and all other keys on a second pass over the file; see `gatherKeys`. There is one difference. If a string
-- becomes a hash, list or set without a DEL, Redis would refuse the line; here the last type wins.
-- 
-- @param turn called between pieces of the work
-- @returns how many lines were left out. `file_error`: the file could not be opened or read to its end, and only a part
-- of it was told. `given_up`: `turn` returned false.
function ____exports.readRoutes(path, parts, take, turn)
    local lines, err, detail = parts.files.lines(path)
    if err ~= nil then
        return nil, err, detail
    end
    local bad = 0
    local function complain(number, problem)
        bad = bad + 1
        if bad <= SAID_LINES then
            parts.log.error((((path .. ": line ") .. tostring(number)) .. ": ") .. problem)
        end
    end
    local commands = {
        path = path,
        keys = parts.keys,
        pass = pieces(turn),
        complain = complain
    }
    local ____, failure, reason = readTwice(
        lines,
        commands,
        teller(parts.keys, parts.reach, take),
        parts.hash
    )
    lines.close()
    if failure ~= nil then
        return nil, failure, reason
    end
    if bad > SAID_LINES then
        parts.log.error(((path .. ": ") .. tostring(bad)) .. " bad lines in all")
    end
    return bad, nil
end
PIECE_LINES = 50
LINE_BYTES = 100
return ____exports

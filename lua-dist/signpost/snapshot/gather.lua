local ____exports = {}
local tellLines, wordsOf, commandOf, addItems, settle, distinct, DELETED
local ____command_line = require("signpost.snapshot.command_line")
local parseCommand = ____command_line.parseCommand
function tellLines(key, first, more, tell, pass)
    local words = wordsOf(first)
    local items = {}
    addItems(items, words)
    for ____, line in ipairs(more) do
        if not pass(line) then
            return false
        end
        addItems(
            items,
            wordsOf(line)
        )
    end
    local command = first == DELETED and "DEL" or commandOf(words)
    tell(
        key,
        command,
        settle(command, items)
    )
    return true
end
function wordsOf(line)
    local words = parseCommand(line)
    if words == nil then
        words = {}
    end
    return words
end
function commandOf(words)
    return string.upper(words[1] or "")
end
function addItems(items, words)
    for i = 2, #words - 1 do
        items[#items + 1] = words[i + 1]
    end
end
function settle(command, items)
    if command == "HSET" then
        return distinct(items, 2)
    end
    return command == "SADD" and distinct(items, 1) or items
end
function distinct(items, step)
    local places = {}
    local kept = {}
    for i = 0, #items - 1, step do
        local name = items[i + 1]
        local place = places[name] or #kept
        places[name] = place
        for offset = 0, step - 1 do
            kept[place + offset + 1] = items[i + offset + 1]
        end
    end
    return kept
end
DELETED = ""
local MADE = {HSET = "a hash", RPUSH = "a list", SADD = "a set", DEL = "nothing"}
--- Makes an empty one. It keeps the lines as they are: a million strings take a quarter of the memory, and of the time to
-- collect it, that a million tables of their words do.
function ____exports.newGathered()
    local order = {}
    local firsts = {}
    --- Of the few keys that have several lines, the others.
    local more = {}
    return {
        add = function(command, key, line)
            local first = firsts[key]
            if first == nil then
                order[#order + 1] = key
            end
            if command == "DEL" or first == nil or first == DELETED then
                firsts[key] = command == "DEL" and DELETED or line
                more[key] = nil
                return nil
            end
            local before = commandOf(wordsOf(first))
            if before ~= command then
                return (("expected " .. before) .. " or DEL, for the key is ") .. MADE[before]
            end
            local lines = more[key] or ({})
            lines[#lines + 1] = line
            more[key] = lines
            return nil
        end,
        forget = function(key)
            firsts[key] = nil
            more[key] = nil
        end,
        each = function(tell, pass)
            for ____, key in ipairs(order) do
                local first = firsts[key]
                firsts[key] = nil
                if not pass(first or DELETED) then
                    return false
                end
                if first ~= nil and not tellLines(
                    key,
                    first,
                    more[key] or ({}),
                    tell,
                    pass
                ) then
                    return false
                end
            end
            return true
        end
    }
end
return ____exports

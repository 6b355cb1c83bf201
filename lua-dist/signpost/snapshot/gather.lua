local ____exports = {}
local addItems, placeOf, placesOf, put, cutOff
--- Adds the words after a line's command and key, as Redis would: a field takes its last value, a member is stored once.
function addItems(held, words)
    local step = ____exports.STEPS[held.command]
    if #words > ____exports.MOST_WORDS then
        cutOff(held)
    end
    for i = 2, #words - 1, step or 1 do
        if held.isTooMuch then
            return
        end
        if step == nil then
            put(held, held.count, words[i + 1])
        else
            local place = placeOf(held, words[i + 1], step)
            put(held, place, words[i + 1])
            if step == 2 then
                put(held, place + 1, words[i + 1 + 1])
            end
        end
        if held.count > ____exports.MOST_ITEMS or held.bytes > ____exports.MOST_BYTES then
            cutOff(held)
        end
    end
end
--- @returns the index of this field or member: the one it has, or the end if it is new.
function placeOf(held, name, step)
    if held.count == 0 then
        return 0
    end
    if held.places == nil then
        held.places = placesOf(held, step)
    end
    local place = held.places[name] or held.count
    held.places[name] = place
    return place
end
function placesOf(held, step)
    local ____held_2 = held
    local items = ____held_2.items
    local count = ____held_2.count
    local places = {}
    for i = 0, count - 1, step do
        places[items[i + 1]] = i
    end
    return places
end
function put(held, place, item)
    local before = held.items[place + 1] or ""
    held.bytes = held.bytes + (#item - #before)
    held.items[place + 1] = item
    if place == held.count then
        held.count = held.count + 1
    end
end
function cutOff(held)
    held.items = {}
    held.places = nil
    held.isTooMuch = true
end
--- Limits of a key: its number of items (fields and values, list items, or members) and their bytes. No good route or
-- pool exceeds them. A key that does is cut off.
____exports.MOST_ITEMS = 4096
____exports.MOST_BYTES = 262144
--- The most words of a line that count. A line with more words has too many items, so its rest need not be read.
____exports.MOST_WORDS = ____exports.MOST_ITEMS + 2
local MADE = {HSET = "a hash", RPUSH = "a list", SADD = "a set", DEL = "nothing"}
--- Items per entry where entries are unique: 2 for a hash (a field and its value), 1 for a set (a member). A later entry
-- replaces an equal one. The items of a list may repeat.
____exports.STEPS = {HSET = 2, SADD = 1, RPUSH = nil, DEL = nil}
---
-- @returns a store without keys.
function ____exports.newGathered()
    local order = {}
    local held = {}
    return {
        add = function(command, key, words)
            local before = held[key]
            if before == nil then
                order[#order + 1] = key
            end
            if before == nil or before.command == "DEL" or command == "DEL" then
                local made = {
                    command = command,
                    items = {},
                    count = 0,
                    bytes = 0,
                    places = nil,
                    isTooMuch = false
                }
                held[key] = made
                addItems(made, words)
                return nil
            end
            if before.command ~= command then
                return (("expected " .. before.command) .. " or DEL, for the key is ") .. MADE[before.command]
            end
            addItems(before, words)
            return nil
        end,
        forget = function(key)
            held[key] = nil
        end,
        each = function(tell, pass)
            for ____, key in ipairs(order) do
                -- A key that was a string in between is in the order twice.
                local one = held[key]
                held[key] = nil
                if not pass(one and one.bytes or 0) then
                    return false
                end
                if one ~= nil then
                    tell(key, one.command, one.items, one.isTooMuch)
                end
            end
            order = {}
            return true
        end
    }
end
return ____exports

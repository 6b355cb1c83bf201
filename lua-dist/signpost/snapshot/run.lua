local ____exports = {}
local areAsTheyStand, hasTwice, FEW_ITEMS, goOn
local ____gather = require("signpost.snapshot.gather")
local MOST_BYTES = ____gather.MOST_BYTES
local newGathered = ____gather.newGathered
local STEPS = ____gather.STEPS
--- Whether one line alone can be told as it is: its items are few and not too large, and no field or member occurs
-- twice.
-- @param items filled with the line's items, unless they are too many
function areAsTheyStand(command, words, items)
    if words.count() > FEW_ITEMS + 2 then
        return false
    end
    local bytes = 0
    for ____, item in ipairs(words.from(2, items)) do
        bytes = bytes + #item
    end
    return bytes <= MOST_BYTES and not hasTwice(items, STEPS[command])
end
--- @param step the items per entry, see `STEPS`; nothing if items may repeat
function hasTwice(items, step)
    if step == nil then
        return false
    end
    for i = step, #items - 1, step do
        for j = 0, i - step, step do
            if items[i + 1] == items[j + 1] then
                return true
            end
        end
    end
    return false
end
FEW_ITEMS = 16
---
-- @param tell receives each key in turn
function ____exports.newRun(tell)
    local gatherOnly, finish, gathered, runKey, command, items
    function gatherOnly(key)
        if command == nil then
            return
        end
        local line = {command, key}
        for ____, item in ipairs(items) do
            line[#line + 1] = item
        end
        gathered.add(command, key, line)
    end
    function finish()
        if runKey == nil then
            return
        end
        if command ~= nil then
            tell(runKey, command, items, false)
        else
            gathered.each(tell, goOn)
        end
        runKey = nil
        command = nil
    end
    gathered = newGathered()
    items = {}
    return {
        add = function(next, key, words)
            if key ~= runKey then
                finish()
            end
            local isFirst = runKey == nil or command == "DEL"
            runKey = key
            if isFirst and areAsTheyStand(next, words, items) then
                command = next
                return nil
            end
            if not isFirst then
                gatherOnly(key)
            end
            command = nil
            return gathered.add(
                next,
                key,
                words.from(0, {})
            )
        end,
        finish = finish
    }
end
--- `pass` was already called for these lines.
goOn = function() return true end
return ____exports

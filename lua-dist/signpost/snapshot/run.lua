local ____exports = {}
local itemsAsTheyStand, hasTwice, FEW_ITEMS, goOn
local ____gather = require("signpost.snapshot.gather")
local MOST_BYTES = ____gather.MOST_BYTES
local newGathered = ____gather.newGathered
local STEPS = ____gather.STEPS
function itemsAsTheyStand(command, words)
    if words.count() > FEW_ITEMS + 2 then
        return nil
    end
    local items = words.from(2)
    local bytes = 0
    for ____, item in ipairs(items) do
        bytes = bytes + #item
    end
    local ____temp_1
    if bytes > MOST_BYTES or hasTwice(items, STEPS[command]) then
        ____temp_1 = nil
    else
        ____temp_1 = items
    end
    return ____temp_1
end
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
-- @param tell told of each key in turn
function ____exports.newRun(tell)
    local gatherOnly, ____end, gathered, runKey, command, items
    function gatherOnly(key)
        if command == nil then
            return
        end
        local line = {command, key}
        for ____, item in ipairs(items) do
            line[#line + 1] = item
        end
        gathered.add(command, key, line)
        command = nil
    end
    function ____end()
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
                ____end()
            end
            local isFirst = runKey == nil or command == "DEL"
            runKey = key
            local ____isFirst_0
            if isFirst then
                ____isFirst_0 = itemsAsTheyStand(next, words)
            else
                ____isFirst_0 = nil
            end
            local only = ____isFirst_0
            if only == nil then
                gatherOnly(key)
                return gathered.add(
                    next,
                    key,
                    words.from(0)
                )
            end
            command = next
            items = only
            return nil
        end,
        ["end"] = ____end
    }
end
--- The lines were passed already.
goOn = function() return true end
return ____exports

local ____exports = {}
local ____commands = require("signpost.origin.commands")
local commandsFor = ____commands.commandsFor
local REPLIES_PER_KEY = ____commands.REPLIES_PER_KEY
local ____forms = require("signpost.origin.forms")
local formsOf = ____forms.formsOf
local ____replies = require("signpost.origin.replies")
local firstReading = ____replies.firstReading
local secondReading = ____replies.secondReading
--- Reads routes and pools by name: in one round trip, and in one more those that are not strings.
function ____exports.routeReader(redis, keys)
    local readFirst, readRest, complete, askAll
    function readFirst(names)
        local keysOfAll = {}
        for ____, name in ipairs(names) do
            keysOfAll[#keysOfAll + 1] = keys.keyOf(name)
        end
        local replies, err, detail = askAll(commandsFor(keysOfAll))
        if err ~= nil then
            return nil, err, detail
        end
        local firsts = {}
        for i = 0, #names - 1 do
            local at = i * REPLIES_PER_KEY
            local key, forms = keysOfAll[i + 1], formsOf(names[i + 1])
            local first, failure, reason = firstReading(key, forms, replies[at + 1], replies[at + 1 + 1])
            if failure ~= nil then
                return nil, failure, reason
            end
            firsts[#firsts + 1] = first
        end
        return firsts, nil
    end
    function readRest(names, firsts)
        local commands = {}
        for i = 0, #names - 1 do
            local first = firsts[i + 1]
            if (first and first.kind) == "unread" then
                commands[#commands + 1] = first.form.command(keys.keyOf(names[i + 1]))
            end
        end
        local replies, err, detail = askAll(commands)
        if err ~= nil then
            return nil, err, detail
        end
        return complete(names, firsts, replies)
    end
    function complete(names, firsts, replies)
        local readings = {}
        local taken = 0
        for i = 0, #names - 1 do
            do
                local first = firsts[i + 1]
                if first.kind ~= "unread" then
                    readings[#readings + 1] = first
                    goto __continue16
                end
                local key = keys.keyOf(names[i + 1])
                local reading, err, detail = secondReading(key, first.form, replies[taken + 1])
                if err ~= nil then
                    return nil, err, detail
                end
                readings[#readings + 1] = reading
                taken = taken + 1
            end
            ::__continue16::
        end
        return readings, nil
    end
    function askAll(commands)
        if #commands == 0 then
            return {}, nil
        end
        local replies, err, detail = redis.ask(commands)
        if err ~= nil then
            return nil, err, detail
        end
        if #replies < #commands then
            return nil, "redis_down", ((tostring(#replies) .. " replies to ") .. tostring(#commands)) .. " commands"
        end
        return replies, nil
    end
    return function(names)
        local firsts, err, detail = readFirst(names)
        if err ~= nil then
            return nil, err, detail
        end
        return readRest(names, firsts)
    end
end
return ____exports

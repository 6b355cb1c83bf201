local ____exports = {}
local ____commands = require("signpost.origin.commands")
local commandsFor = ____commands.commandsFor
local REPLIES_PER_KEY = ____commands.REPLIES_PER_KEY
local ____replies = require("signpost.origin.replies")
local readingOf = ____replies.readingOf
--- Reads routes by name: the key of a name is `prefix` and the name.
function ____exports.routeReader(redis, prefix)
    return function(names)
        local keys = {}
        for ____, name in ipairs(names) do
            keys[#keys + 1] = prefix .. name
        end
        local replies, err, detail = redis.ask(commandsFor(keys))
        if err ~= nil then
            return nil, err, detail
        end
        local readings = {}
        for i = 1, #keys do
            local at = (i - 1) * REPLIES_PER_KEY
            local key, typeReply, getReply = keys[i], replies[at + 1], replies[at + 1 + 1]
            if key == nil or typeReply == nil or getReply == nil then
                return nil, "redis_down", ((tostring(#replies) .. " replies to ") .. tostring(#keys * REPLIES_PER_KEY)) .. " commands"
            end
            local reading, failure, reason = readingOf(key, typeReply, getReply)
            if failure ~= nil then
                return nil, failure, reason
            end
            readings[#readings + 1] = reading
        end
        return readings, nil
    end
end
return ____exports

local ____exports = {}
local ____redis_link = require("signpost.platform.redis_link")
local newDialer = ____redis_link.newDialer
---
-- @returns the Redis of the settings, through one pool of connections for each worker. Nothing is connected yet.
function ____exports.connectRedis(endpoint, settings)
    local ask, dial, exchange, say
    function ask(commands, passedOverBytes)
        local link, err, detail = dial()
        if err ~= nil then
            return nil, err, detail
        end
        local replies, failure, problem = exchange(link.client, commands, passedOverBytes)
        if failure ~= nil then
            -- dropped: the connection is not used again, whether it closes or not
            link.client:close()
            -- Redis may have closed a pooled connection since its last use. That is no failure: try another.
            if link.reused and problem ~= "timeout" then
                return ask(commands, passedOverBytes)
            end
            return nil, "redis_down", say("no answer: " .. problem)
        end
        local ____opt_1 = replies[#replies]
        if (____opt_1 and ____opt_1.kind) == "oversized" then
            -- The rest of the replies is not worth reading.
            -- dropped: the connection is not used again, whether it closes or not
            link.client:close()
        else
            -- dropped: a connection that cannot be kept is closed, and the next look-up makes another
            link.client:set_keepalive(settings.redis_pool_idle, settings.redis_pool_size)
        end
        return replies, nil
    end
    local ____newDialer_result_0 = newDialer(endpoint, settings, "look-up")
    dial = ____newDialer_result_0.dial
    exchange = ____newDialer_result_0.exchange
    local connectionsMade = ____newDialer_result_0.connectionsMade
    say = ____newDialer_result_0.say
    return {ask = ask, connectionsMade = connectionsMade}
end
return ____exports

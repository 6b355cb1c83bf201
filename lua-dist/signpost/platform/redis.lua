local ____exports = {}
local ____redis_link = require("signpost.platform.redis_link")
local newDialer = ____redis_link.newDialer
---
-- @returns the Redis of the settings, through one pool of connections for each worker. Nothing is connected yet.
function ____exports.connectRedis(endpoint, settings)
    local ask, dial, exchange, say
    function ask(commands)
        local link, err, detail = dial()
        if err ~= nil then
            return nil, err, detail
        end
        local replies, problem = exchange(link.client, commands)
        if problem == nil then
            link.client:set_keepalive(settings.redis_pool_idle, settings.redis_pool_size)
            return replies, nil
        end
        link.client:close()
        if link.reused and problem ~= "timeout" then
            return ask(commands)
        end
        return nil, "redis_down", say("no answer: " .. problem)
    end
    local ____newDialer_result_0 = newDialer(endpoint, settings, "look-up")
    dial = ____newDialer_result_0.dial
    exchange = ____newDialer_result_0.exchange
    say = ____newDialer_result_0.say
    return {ask = ask}
end
return ____exports

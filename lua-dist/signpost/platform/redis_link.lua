local ____exports = {}
local exchangeWithin, tellAll, tell, NIL
local ____settings = require("signpost.settings")
local addressText = ____settings.addressText
local ____background = require("signpost.platform.background")
local runWithin = ____background.runWithin
local ____redis_module = require("signpost.platform.redis_module")
local loadRedisModule = ____redis_module.loadRedisModule
function exchangeWithin(seconds, client, commands)
    client:init_pipeline(#commands)
    for ____, command in ipairs(commands) do
        local queue = client[command[1]]
        if queue ~= nil then
            queue(
                client,
                unpack(command, 2)
            )
        end
    end
    local answered
    local problem = "timeout"
    local function read()
        local err
        answered, err = client:commit_pipeline()
        problem = err or "not a reply of Redis"
    end
    runWithin(
        seconds,
        function()
            local spoken, trouble = pcall(read)
            if not spoken then
                problem = "not a reply of Redis: " .. tostring(trouble)
            end
        end
    )
    if answered == nil then
        return nil, problem, ""
    end
    return tellAll(answered), nil
end
function tellAll(replies)
    local told = {}
    for ____, reply in ipairs(replies) do
        told[#told + 1] = tell(reply)
    end
    return told
end
function tell(reply)
    if reply == ngx.null then
        return NIL
    end
    if type(reply) ~= "table" then
        return {
            kind = "text",
            text = tostring(reply)
        }
    end
    local failed, message = unpack(reply, 1, 2)
    return failed == false and ({
        kind = "error",
        message = tostring(message)
    }) or ({
        kind = "list",
        items = tellAll(reply)
    })
end
--- What `connect` says when pool and backlog are full.
local NO_ROOM = "too many waiting connect operations"
NIL = {kind = "nil"}
---
-- @param purpose connections of different purposes do not share a pool
function ____exports.newDialer(endpoint, settings, purpose)
    local say, exchange, dial, reach, secure, logIn, address, where, module, pool, answerSeconds
    function say(detail)
        return (where .. ": ") .. detail
    end
    function exchange(client, commands)
        return exchangeWithin(answerSeconds, client, commands)
    end
    function dial()
        local client, err = module.new()
        if err ~= nil then
            return nil, "redis_down", say(err)
        end
        client._sock:settimeouts(settings.redis_connect_timeout, settings.redis_send_timeout, settings.redis_read_timeout)
        local refused = reach(client)
        if refused == NO_ROOM then
            return nil, "busy", say(refused .. ": redis_pool_size and redis_backlog are used up")
        end
        if refused ~= nil then
            return nil, "redis_down", say("connect: " .. refused)
        end
        local times = client:get_reused_times()
        if times ~= nil and times > 0 then
            return {client = client, reused = true}, nil
        end
        local problem = secure(client) or logIn(client)
        if problem ~= nil then
            client:close()
            return nil, "redis_down", say(problem)
        end
        return {client = client, reused = false}, nil
    end
    function reach(client)
        if address.kind == "unix" then
            local ____, err = client:connect("unix:" .. address.socket, pool)
            return err
        end
        local ____, err = client:connect(address.host, address.port, pool)
        return err
    end
    function secure(client)
        if address.kind ~= "tcp" or not address.tls then
            return nil
        end
        local serverName = string.gsub(address.host, "[%[%]]", "")
        local ____, err = client._sock:sslhandshake(false, serverName, settings.redis_tls_verify)
        if err ~= nil then
            return "TLS: " .. err
        end
        local ____, gone = client:get_reused_times()
        local ____temp_1
        if gone == nil then
            ____temp_1 = nil
        else
            ____temp_1 = "TLS: the certificate was refused: " .. gone
        end
        return ____temp_1
    end
    function logIn(client)
        local commands = {}
        if endpoint.password ~= nil then
            local user = endpoint.user
            commands[#commands + 1] = user == nil and ({"auth", endpoint.password}) or ({"auth", user, endpoint.password})
        end
        if endpoint.database ~= 0 then
            commands[#commands + 1] = {
                "select",
                tostring(endpoint.database)
            }
        end
        if #commands == 0 then
            return nil
        end
        local replies, err = exchange(client, commands)
        if err ~= nil then
            return "log in: " .. err
        end
        for ____, reply in ipairs(replies) do
            if reply.kind == "error" then
                return "log in: " .. reply.message
            end
        end
        return nil
    end
    local ____endpoint_0 = endpoint
    address = ____endpoint_0.address
    where = addressText(address)
    module = loadRedisModule()
    pool = {
        pool = (((((((("signpost " .. purpose) .. " ") .. where) .. " ") .. tostring(address.tls)) .. " ") .. tostring(endpoint.database)) .. " ") .. (endpoint.user or ""),
        pool_size = settings.redis_pool_size,
        backlog = settings.redis_backlog
    }
    answerSeconds = (settings.redis_send_timeout + settings.redis_read_timeout) / 1000
    return {dial = dial, exchange = exchange, say = say}
end
return ____exports

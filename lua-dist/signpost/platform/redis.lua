local ____exports = {}
local exchange, tell, NIL
local ____settings = require("signpost.settings")
local addressText = ____settings.addressText
local ____redis_module = require("signpost.platform.redis_module")
local loadRedisModule = ____redis_module.loadRedisModule
function exchange(client, commands, seconds)
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
    local reader = ngx.thread.spawn(function()
        local spoken, trouble = pcall(function()
            local err
            answered, err = client:commit_pipeline()
            problem = err or "not a reply of Redis"
        end)
        if not spoken then
            problem = "not a reply of Redis: " .. tostring(trouble)
        end
    end)
    local alarm = ngx.thread.spawn(function()
        ngx.sleep(seconds)
    end)
    ngx.thread.wait(reader, alarm)
    ngx.thread.kill(reader)
    ngx.thread.kill(alarm)
    if answered == nil then
        return nil, problem, ""
    end
    local told = {}
    for ____, reply in ipairs(answered) do
        told[#told + 1] = tell(reply)
    end
    return told, nil
end
function tell(reply)
    if reply == ngx.null then
        return NIL
    end
    if type(reply) == "table" then
        local failed, message = unpack(reply, 1, 2)
        return {
            kind = "error",
            message = failed == false and tostring(message) or "expected a text, got a list"
        }
    end
    return {
        kind = "text",
        text = tostring(reply)
    }
end
NIL = {kind = "nil"}
--- What `connect` says when pool and backlog are full.
local NO_ROOM = "too many waiting connect operations"
---
-- @returns the Redis of the settings, through one pool of connections for each worker. Nothing is connected yet.
function ____exports.connectRedis(settings)
    local ask, open, reach, secure, logIn, down, endpoint, address, where, module, pool, answerSeconds
    function ask(commands)
        local link, err, detail = open()
        if err ~= nil then
            return nil, err, detail
        end
        local replies, problem = exchange(link.client, commands, answerSeconds)
        if problem == nil then
            link.client:set_keepalive(settings.redis_pool_idle, settings.redis_pool_size)
            return replies, nil
        end
        link.client:close()
        if link.reused and problem ~= "timeout" then
            return ask(commands)
        end
        return down("no answer: " .. problem)
    end
    function open()
        local client, err = module.new()
        if err ~= nil then
            return down(err)
        end
        client._sock:settimeouts(settings.redis_connect_timeout, settings.redis_send_timeout, settings.redis_read_timeout)
        local refused = reach(client)
        if refused == NO_ROOM then
            return nil, "busy", ((where .. ": ") .. refused) .. ": redis_pool_size and redis_backlog are used up"
        end
        if refused ~= nil then
            return down("connect: " .. refused)
        end
        local times = client:get_reused_times()
        if times ~= nil and times > 0 then
            return {client = client, reused = true}, nil
        end
        local problem = secure(client) or logIn(client)
        if problem ~= nil then
            client:close()
            return down(problem)
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
        local ____, err = client._sock:sslhandshake(false, address.host, settings.redis_tls_verify)
        local ____temp_2
        if err == nil then
            ____temp_2 = nil
        else
            ____temp_2 = "TLS: " .. err
        end
        return ____temp_2
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
        local replies, err = exchange(client, commands, answerSeconds)
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
    function down(detail)
        return nil, "redis_down", (where .. ": ") .. detail
    end
    local ____settings_0 = settings
    endpoint = ____settings_0.endpoint
    local ____endpoint_1 = endpoint
    address = ____endpoint_1.address
    where = addressText(address)
    module = loadRedisModule()
    pool = {
        pool = (((((("signpost " .. where) .. " ") .. tostring(address.tls)) .. " ") .. tostring(endpoint.database)) .. " ") .. (endpoint.user or ""),
        pool_size = settings.redis_pool_size,
        backlog = settings.redis_backlog
    }
    answerSeconds = (settings.redis_send_timeout + settings.redis_read_timeout) / 1000
    return {ask = ask}
end
return ____exports

local ____exports = {}
local poolOf, connect, secure, logIn, loginCommands, exchangeAll, PASSING_SECONDS
local ____replies = require("signpost.redis.replies")
local problemOf = ____replies.problemOf
local ____settings = require("signpost.settings.settings")
local addressText = ____settings.addressText
local ____redis_exchange = require("signpost.platform.redis_exchange")
local exchangeWithin = ____redis_exchange.exchangeWithin
local ____redis_module = require("signpost.platform.redis_module")
local loadRedisModule = ____redis_module.loadRedisModule
--- Connections of one pool must be interchangeable: same server, same encryption, same user, same database.
function poolOf(endpoint, settings, purpose)
    local ____endpoint_0 = endpoint
    local address = ____endpoint_0.address
    local database = ____endpoint_0.database
    local user = ____endpoint_0.user
    if user == nil then
        user = ""
    end
    return {
        pool = (((((((("signpost " .. purpose) .. " ") .. addressText(address)) .. " ") .. tostring(address.tls)) .. " ") .. tostring(database)) .. " ") .. user,
        pool_size = settings.redis_pool_size,
        backlog = settings.redis_backlog
    }
end
--- @returns why there is no connection.
function connect(client, dialing)
    local ____dialing_endpoint_1 = dialing.endpoint
    local address = ____dialing_endpoint_1.address
    if address.kind == "unix" then
        local ____, err = client:connect("unix:" .. address.socket, dialing.pool)
        return err
    end
    local ____, err = client:connect(address.host, address.port, dialing.pool)
    return err
end
--- Makes the TLS handshake, if the address requires one. It does not use the client's own `ssl` option: older clients
-- ignore that, and a `rediss://` address must never end in plaintext.
--
-- @returns why there is no encryption
function secure(client, dialing)
    local ____dialing_endpoint_2 = dialing.endpoint
    local address = ____dialing_endpoint_2.address
    if address.kind ~= "tcp" or not address.tls then
        return nil
    end
    local serverName = string.gsub(address.host, "[%[%]]", "")
    local ____, err = client._sock:sslhandshake(false, serverName, dialing.settings.redis_tls_verify)
    if err ~= nil then
        return "TLS: " .. err
    end
    -- A handshake that never had to wait may return true although the certificate was refused. The socket is then
    -- closed.
    local ____, closed = client:get_reused_times()
    if closed ~= nil then
        return "TLS: the certificate was refused: " .. closed
    end
    return nil
end
--- @returns why Redis does not accept the login or the database.
function logIn(client, dialing)
    local commands = loginCommands(dialing.endpoint)
    if #commands == 0 then
        return nil
    end
    local replies, err, detail = exchangeAll(client, dialing.answerSeconds, commands)
    if err ~= nil then
        return "log in: " .. detail
    end
    for ____, reply in ipairs(replies) do
        if reply.kind ~= "text" then
            return "log in: " .. problemOf(reply, "OK")
        end
    end
    return nil
end
function loginCommands(endpoint)
    local ____endpoint_3 = endpoint
    local user = ____endpoint_3.user
    local password = ____endpoint_3.password
    local database = ____endpoint_3.database
    local commands = {}
    if password ~= nil then
        commands[#commands + 1] = user == nil and ({"auth", password}) or ({"auth", user, password})
    end
    if database ~= 0 then
        commands[#commands + 1] = {
            "select",
            tostring(database)
        }
    end
    return commands
end
--- An exchange after which Redis sends nothing more.
function exchangeAll(client, answerSeconds, commands, passedOverBytes)
    local seconds = passedOverBytes == nil and answerSeconds or math.max(answerSeconds, PASSING_SECONDS)
    local answers, err, detail = exchangeWithin(seconds, client, commands, passedOverBytes)
    if err ~= nil then
        return nil, err, detail
    end
    if answers.rest ~= "" then
        return nil, "malformed", "not a Redis: it says more than it was asked"
    end
    return answers.replies, nil
end
--- What `connect` says when pool and backlog are full.
local NO_ROOM = "too many waiting connect operations"
PASSING_SECONDS = 60
---
-- @param purpose connections of different purposes do not share a pool
function ____exports.newDialer(endpoint, settings, purpose)
    local dial, exchange, subscribe, say, module, answerSeconds, dialing, made
    function dial()
        local client, err = module.new()
        if err ~= nil then
            return nil, "redis_down", say(err)
        end
        client._sock:settimeouts(settings.redis_connect_timeout, settings.redis_send_timeout, settings.redis_read_timeout)
        local refused = connect(client, dialing)
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
        local problem = secure(client, dialing) or logIn(client, dialing)
        if problem ~= nil then
            -- dropped: the connection is not used again, whether it closes or not
            client:close()
            return nil, "redis_down", say(problem)
        end
        made = made + 1
        return {client = client, reused = false}, nil
    end
    function exchange(client, commands, passedOverBytes)
        return exchangeAll(client, answerSeconds, commands, passedOverBytes)
    end
    function subscribe(client, command)
        return exchangeWithin(answerSeconds, client, {command})
    end
    function say(detail)
        return (addressText(endpoint.address) .. ": ") .. detail
    end
    module = loadRedisModule()
    answerSeconds = (settings.redis_send_timeout + settings.redis_read_timeout) / 1000
    dialing = {
        endpoint = endpoint,
        settings = settings,
        answerSeconds = answerSeconds,
        pool = poolOf(endpoint, settings, purpose)
    }
    made = 0
    return {
        dial = dial,
        exchange = exchange,
        subscribe = subscribe,
        connectionsMade = function() return made end,
        say = say
    }
end
return ____exports

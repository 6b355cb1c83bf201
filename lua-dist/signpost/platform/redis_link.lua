local ____exports = {}
local exchangeWithin, ask, receivePiece, PIECE
local ____commands = require("signpost.redis.commands")
local encodeCommands = ____commands.encodeCommands
local ____replies = require("signpost.redis.replies")
local problemOf = ____replies.problemOf
local ____reply_limits = require("signpost.redis.reply_limits")
local limitsPassingOver = ____reply_limits.limitsPassingOver
local ____reply_reader = require("signpost.redis.reply_reader")
local readReplies = ____reply_reader.readReplies
local ____settings = require("signpost.settings.settings")
local addressText = ____settings.addressText
local ____background = require("signpost.platform.background")
local breathe = ____background.breathe
local runWithin = ____background.runWithin
local ____redis_module = require("signpost.platform.redis_module")
local loadRedisModule = ____redis_module.loadRedisModule
--- One round trip, which ends within `seconds`: the socket's own timeouts bound each silence, and a server that sends
-- byte after byte but never a whole reply is not silent.
function exchangeWithin(seconds, client, commands, passedOverBytes)
    local socket = client._sock
    local answers
    local failure = "lost"
    local problem = "timeout"
    runWithin(
        seconds,
        function()
            local replies, err, detail = ask(socket, commands, passedOverBytes)
            if err == nil then
                answers = replies
            else
                failure = err
                problem = detail
            end
        end
    )
    if answers == nil then
        return nil, failure, problem
    end
    return answers, nil
end
function ask(socket, commands, passedOverBytes)
    local ____, unsent = socket:send(encodeCommands(commands))
    if unsent ~= nil then
        return nil, "lost", unsent
    end
    return readReplies(
        #commands,
        function() return receivePiece(socket) end,
        breathe,
        limitsPassingOver(passedOverBytes)
    )
end
function receivePiece(socket)
    local bytes, err = socket:receiveany(PIECE)
    if err ~= nil then
        return nil, "lost", err
    end
    return bytes, nil
end
--- What `connect` says when pool and backlog are full.
local NO_ROOM = "too many waiting connect operations"
PIECE = 16384
--- How long a server may take to say what is passed over, seconds: a string in Redis may have 512 MiB.
local PASSING_SECONDS = 60
---
-- @param purpose connections of different purposes do not share a pool
function ____exports.newDialer(endpoint, settings, purpose)
    local say, exchange, subscribe, dial, reach, secure, logIn, address, where, module, pool, answerSeconds, made
    function say(detail)
        return (where .. ": ") .. detail
    end
    function exchange(client, commands, passedOverBytes)
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
    function subscribe(client, command)
        return exchangeWithin(answerSeconds, client, {command})
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
            -- dropped: it is of no more use, whether it closes or not
            client:close()
            return nil, "redis_down", say(problem)
        end
        made = made + 1
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
    --- The clients' own `ssl` option is silently ignored by older ones: the handshake is made here, or there is no link.
    function secure(client)
        if address.kind ~= "tcp" or not address.tls then
            return nil
        end
        local serverName = string.gsub(address.host, "[%[%]]", "")
        local ____, err = client._sock:sslhandshake(false, serverName, settings.redis_tls_verify)
        if err ~= nil then
            return "TLS: " .. err
        end
        -- A handshake that never had to wait may return true though the certificate was refused; the socket is closed then.
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
        local replies, err, detail = exchange(client, commands)
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

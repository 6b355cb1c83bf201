local ____exports = {}
local wordFor, trackingCommand, trackingOn, TOO_MANY, PIECE_BYTES, READ_TIMEOUT_MS, PING
local ____commands = require("signpost.redis.commands")
local coveringPrefixes = ____commands.coveringPrefixes
local ____replies = require("signpost.redis.replies")
local isError = ____replies.isError
local problemOf = ____replies.problemOf
local ____redis_link = require("signpost.platform.redis_link")
local newDialer = ____redis_link.newDialer
--- Distinguishes a Redis that will go on refusing to track from one that must be tried again soon. A refusal is an
-- error reply. But the error of `maxclients` is temporary, and a server that replies with anything else is not a
-- Redis.
function wordFor(reply)
    return (reply and reply.kind) == "error" and not isError(reply, TOO_MANY) and "not_tracked" or "redis_down"
end
function trackingCommand(id, prefixes)
    local command = {
        "client",
        "tracking",
        "on",
        "redirect",
        id,
        "bcast"
    }
    for ____, prefix in ipairs(prefixes) do
        -- Without a prefix, Redis tells of all keys. It does not accept an empty prefix.
        if prefix ~= "" then
            command[#command + 1] = "prefix"
            command[#command + 1] = prefix
        end
    end
    return command
end
--- @param received what Redis has sent already
function trackingOn(client, settings, received)
    local unread = received
    local socket = client._sock
    socket:settimeouts(settings.redis_connect_timeout, settings.redis_send_timeout, READ_TIMEOUT_MS)
    return {
        receive = function()
            if unread == "" then
                return socket:receiveany(PIECE_BYTES)
            end
            local bytes = unread
            unread = ""
            return bytes, nil
        end,
        ping = function()
            -- dropped: if it was not sent, no answer comes, and the watcher notices the silence
            socket:send(PING)
        end,
        close = function()
            -- dropped: the connection is not used again, whether it closes or not
            client:close()
        end
    }
end
--- The channel on which Redis tells a RESP2 connection what has changed.
local CHANNEL = "__redis__:invalidate"
TOO_MANY = "ERR max number of clients"
PIECE_BYTES = 4096
READ_TIMEOUT_MS = 86400000
PING = "*1\r\n$4\r\nPING\r\n"
---
-- @returns how to open a connection on which Redis says which keys have changed. It uses RESP2 tracking in broadcasting
-- mode, redirected to the connection itself, which then subscribes to {@link CHANNEL } (https://redis.io/docs/latest/commands/client-tracking/). Nothing has to be switched on in Redis.
function ____exports.trackingOpener(endpoint, settings, keys)
    local open, track, askOne, dial, exchange, subscribe, say, prefixes
    function open()
        local link, err, detail = dial()
        if err ~= nil then
            return nil, err, detail
        end
        local tracking, word, reason = track(link.client)
        if word ~= nil then
            -- dropped: the connection is not used again, whether it closes or not
            link.client:close()
            return nil, word, say(reason)
        end
        return tracking, nil
    end
    function track(client)
        local id, err, detail = askOne(client, {"client", "id"})
        if err ~= nil then
            return nil, err, detail
        end
        local ____, refused, reason = askOne(
            client,
            trackingCommand(id, prefixes)
        )
        if refused ~= nil then
            return nil, refused, reason
        end
        local subscribed, deaf, why = subscribe(client, {"subscribe", CHANNEL})
        if deaf ~= nil then
            return nil, "redis_down", "SUBSCRIBE: " .. why
        end
        --- One for each command, in their order; fewer if the last of them is `oversized`.
        local reply = unpack(subscribed.replies, 1, 1)
        if (reply and reply.kind) ~= "list" then
            return nil, wordFor(reply), "SUBSCRIBE: " .. problemOf(reply, "a list")
        end
        return trackingOn(client, settings, subscribed.rest), nil
    end
    --- @returns the text that Redis replies to a command.
    function askOne(client, command)
        local replies, err, detail = exchange(client, {command})
        local name = string.upper((command[1] .. " ") .. tostring(command[2]))
        if err ~= nil then
            return nil, "redis_down", (name .. ": ") .. detail
        end
        local reply = unpack(replies, 1, 1)
        if (reply and reply.kind) ~= "text" then
            return nil, wordFor(reply), (name .. ": ") .. problemOf(reply, "a text")
        end
        return reply.text, nil
    end
    local ____newDialer_result_0 = newDialer(endpoint, settings, "watch")
    dial = ____newDialer_result_0.dial
    exchange = ____newDialer_result_0.exchange
    subscribe = ____newDialer_result_0.subscribe
    say = ____newDialer_result_0.say
    prefixes = coveringPrefixes(keys.prefixes)
    return open
end
return ____exports

local ____exports = {}
local sendAndRead, receivePiece, PIECE_BYTES
local ____commands = require("signpost.redis.commands")
local encodeCommands = ____commands.encodeCommands
local ____reply_limits = require("signpost.redis.reply_limits")
local limitsPassingOver = ____reply_limits.limitsPassingOver
local ____reply_reader = require("signpost.redis.reply_reader")
local readReplies = ____reply_reader.readReplies
local ____background = require("signpost.platform.background")
local breathe = ____background.breathe
local runWithin = ____background.runWithin
function sendAndRead(socket, commands, passedOverBytes)
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
    local bytes, err = socket:receiveany(PIECE_BYTES)
    if err ~= nil then
        return nil, "lost", err
    end
    return bytes, nil
end
PIECE_BYTES = 16384
--- Sends commands on a connection and reads their replies, within `seconds`. The socket's timeouts are not enough: they
-- bound only each silence, and a server that sends byte after byte but never a whole reply is never silent. Yields.
-- 
-- @param passedOverBytes see `Redis.ask`
function ____exports.exchangeWithin(seconds, client, commands, passedOverBytes)
    local socket = client._sock
    local replies
    local failure
    local problem
    runWithin(
        seconds,
        function()
            local answers, err, detail = sendAndRead(socket, commands, passedOverBytes)
            if err == nil then
                replies = answers
            else
                failure = err
                problem = detail
            end
        end
    )
    if replies == nil then
        -- Neither replies nor a failure: the time was over.
        return nil, failure or "lost", problem or "timeout"
    end
    return replies, nil
end
return ____exports

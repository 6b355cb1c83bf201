local ____exports = {}
local ask, secure, requestText, readStatus, failed, CONNECTING, STATUS_BYTES
local ____background = require("signpost.platform.background")
local race = ____background.race
function ask(socket, check)
    local ____check_0 = check
    local address = ____check_0.address
    local host = address.form == "ipv6" and ("[" .. address.host) .. "]" or address.host
    local ____, refused = socket:connect(host, address.port, CONNECTING)
    if refused ~= nil then
        return failed("connect", refused)
    end
    local ____temp_1
    if address.scheme == "https" then
        ____temp_1 = secure(socket, address.host)
    else
        ____temp_1 = nil
    end
    local distrusted = ____temp_1
    if distrusted ~= nil then
        return failed("TLS", distrusted)
    end
    local ____, unsent = socket:send(requestText(check))
    if unsent ~= nil then
        return failed("send", unsent)
    end
    local start, unanswered = socket:receive(STATUS_BYTES)
    if unanswered ~= nil then
        return failed("receive", unanswered)
    end
    return readStatus(start)
end
--- @returns what is wrong. A handshake that never had to wait may report nothing although the certificate was refused.
-- The socket is then closed, and sending fails.
function secure(socket, name)
    local ____, err = socket:sslhandshake(false, name, true)
    return err
end
function requestText(check)
    local ____check_2 = check
    local path = ____check_2.path
    local hostHeader = ____check_2.hostHeader
    return ((("GET " .. path) .. " HTTP/1.1\r\nHost: ") .. hostHeader) .. "\r\nUser-Agent: signpost\r\nConnection: close\r\n\r\n"
end
function readStatus(start)
    local digits = string.match(start, "^HTTP/1%.%d ([1-5]%d%d)[ \r\n]$")
    local status = tonumber(digits)
    if status == nil then
        return failed("receive", "not an answer in HTTP/1")
    end
    return status, nil
end
function failed(step, problem)
    return nil, "failed", (step .. ": ") .. problem
end
CONNECTING = {pool = "signpost health checks"}
STATUS_BYTES = 13
--- Makes a check: one GET on a connection of its own, which is closed as soon as the status has come. An https peer
-- must show a certificate for its own name that `lua_ssl_trusted_certificate` vouches for; a peer's name is resolved
-- by nginx's `resolver`. Both directives are read from nginx's http level. The check ends within its timeout, or when
-- it is stopped.
____exports.probe = function(check, stop)
    local socket = ngx.socket.tcp()
    local milliseconds = math.ceil(check.timeout * 1000)
    socket:settimeouts(milliseconds, milliseconds, milliseconds)
    local status
    local problem
    local function asking()
        local answered, err, detail = ask(socket, check)
        if err ~= nil then
            problem = detail
        else
            status = answered
        end
    end
    -- The socket's timeouts bound only each silence. A peer may be slow at every step, and its name must be resolved
    -- first.
    race(
        asking,
        function()
            -- dropped: the check ends when the wait ends, whatever the result
            stop.wait(check.timeout)
        end
    )
    -- dropped: it is closed already if connecting failed
    socket:close()
    if status == nil then
        return nil, "failed", problem or "timeout"
    end
    return status, nil
end
return ____exports

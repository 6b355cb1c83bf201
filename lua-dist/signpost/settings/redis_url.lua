local ____exports = {}
local parseSocket, parseTcp, parseLogin, decode, decodeByte, parseAddress, isHost, parsePort, parseDatabase, bad, DEFAULT_PORT, LONGEST_SOCKET_PATH
local ____host_name = require("signpost.format.host_name")
local parseHostName = ____host_name.parseHostName
local ____ipv4 = require("signpost.format.ipv4")
local ipv4Octets = ____ipv4.ipv4Octets
local ____ipv6 = require("signpost.format.ipv6")
local canonicalIpv6 = ____ipv6.canonicalIpv6
local ____knobs = require("signpost.settings.knobs")
local KNOBS = ____knobs.KNOBS
local ____scan = require("signpost.text.scan")
local matches = ____scan.matches
local wholeNumber = ____scan.wholeNumber
function parseSocket(text)
    local socket = string.gsub(text, "^///", "/")
    if not matches(socket, "^/[^/]") then
        return bad("expected an absolute path after unix:, as in unix:/run/redis.sock")
    end
    if matches(socket, "%c") then
        return bad("expected no control character in the path")
    end
    if #socket > LONGEST_SOCKET_PATH then
        return bad(("expected a path of at most " .. tostring(LONGEST_SOCKET_PATH)) .. " bytes")
    end
    return {address = {kind = "unix", socket = socket, tls = false}}, nil
end
function parseTcp(rest, tls)
    local authority, path = string.match(rest, "^([^/]*)(.*)$")
    if authority == nil then
        authority = ""
    end
    if path == nil then
        path = ""
    end
    local userinfo, hostAndPort = string.match(authority, "^(.*)@([^@]*)$")
    if hostAndPort == nil then
        hostAndPort = authority
    end
    local login, loginErr, loginDetail = parseLogin(userinfo)
    if loginErr ~= nil then
        return bad(loginDetail)
    end
    local address, addressErr, addressDetail = parseAddress(hostAndPort, tls)
    if addressErr ~= nil then
        return bad(addressDetail)
    end
    local database, databaseErr, databaseDetail = parseDatabase(path)
    if databaseErr ~= nil then
        return bad(databaseDetail)
    end
    return {address = address, user = login.user, password = login.password, database = database}, nil
end
--- `userinfo` is the text before the `@`, if there is one.
function parseLogin(userinfo)
    if userinfo == nil then
        return {}, nil
    end
    if matches(userinfo, "@") then
        return bad("expected one @, before the host: in a password it is %40")
    end
    local user, password = string.match(userinfo, "^([^:]*):(.+)$")
    if user == nil or password == nil then
        return bad("expected user:password or :password before the @ (or give redis_user and redis_password instead)")
    end
    -- Without its escapes, the text must contain no %.
    local unescaped = string.gsub(userinfo, "%%%x%x", "")
    if matches(unescaped, "%%") then
        return bad("expected two hexadecimal digits after every %: % itself is %25")
    end
    return {
        user = user ~= "" and decode(user) or nil,
        password = decode(password)
    }, nil
end
function decode(text)
    local decoded = string.gsub(text, "%%(%x%x)", decodeByte)
    return decoded
end
function decodeByte(hex)
    return string.char(assert(tonumber(hex, 16)))
end
function parseAddress(text, tls)
    local bracketed, afterBracket = string.match(text, "^(%[.*%])(.*)$")
    if afterBracket == nil then
        afterBracket = ""
    end
    local name, afterName = string.match(text, "^([^:]*)(.*)$")
    if name == nil then
        name = ""
    end
    if afterName == nil then
        afterName = ""
    end
    local host = bracketed or name
    if not isHost(host) then
        return bad("expected a host name, an IPv4 address or an IPv6 address in brackets")
    end
    local port = parsePort(bracketed == nil and afterName or afterBracket)
    if port == nil then
        return bad("expected nothing or : and a port from 1 to 65535 after the host")
    end
    return {kind = "tcp", host = host, port = port, tls = tls}, nil
end
--- Accepts the same hosts as the targets of routes, because nginx connects to both in the same way.
function isHost(host)
    local bracketed = string.match(host, "^%[(.*)%]$")
    if bracketed ~= nil then
        return canonicalIpv6(bracketed) ~= nil
    end
    -- A last label of digits means an IPv4 address: 10.0.0.256 is a typo, never a name to resolve.
    if matches("." .. host, "%.%d+$") then
        return ipv4Octets(host) ~= nil
    end
    local name = parseHostName(host, 0)
    return name ~= nil
end
function parsePort(text)
    if text == "" then
        return DEFAULT_PORT
    end
    local digits = string.match(text, "^:(.*)$")
    if digits == nil then
        return nil
    end
    return wholeNumber(digits, 1, 65535)
end
--- `path` is the text after host and port: empty, `/`, or `/` and the database number.
function parseDatabase(path)
    if path == "" or path == "/" then
        return nil, nil
    end
    local ____KNOBS_redis_database_0 = KNOBS.redis_database
    local min = ____KNOBS_redis_database_0.min
    local max = ____KNOBS_redis_database_0.max
    local database = wholeNumber(
        string.sub(path, 2),
        min,
        max
    )
    if database == nil then
        return bad(((("expected a database number from " .. tostring(min)) .. " to ") .. tostring(max)) .. " after the / (in a password / is %2F)")
    end
    return database, nil
end
function bad(detail)
    return nil, "bad_redis_url", detail
end
DEFAULT_PORT = 6379
LONGEST_SOCKET_PATH = 107
--- Reads `redis://[[user]:password@]host[:port][/database]`, `rediss://…` (the same over TLS) and `unix:/path`
-- (`unix:///path`). User and password are percent-decoded.
-- 
-- `bad_redis_url`: the detail says what was expected and where. It quotes nothing of the URL, because any part of a
-- wrong URL may belong to the password.
function ____exports.parseRedisUrl(url)
    local socket = string.match(url, "^unix:(.*)$")
    if socket ~= nil then
        return parseSocket(socket)
    end
    local scheme, rest = string.match(url, "^(rediss?)://(.*)$")
    if scheme == nil or rest == nil then
        return bad("expected redis://, rediss:// or unix:/ at its beginning")
    end
    if matches(rest, "[^!-~]") then
        return bad("expected only printable ASCII: percent-encode everything else")
    end
    if matches(rest, "[?#]") then
        return bad("expected no ? and no #: in a password they are %3F and %23")
    end
    return parseTcp(rest, scheme == "rediss")
end
--- The address as error messages show it, e.g. `redis 10.0.0.5:6379` or `redis unix:/run/redis.sock`.
function ____exports.addressText(address)
    if address.kind == "unix" then
        return "redis unix:" .. address.socket
    end
    return (("redis " .. address.host) .. ":") .. tostring(address.port)
end
return ____exports

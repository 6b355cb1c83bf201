local ____exports = {}
local problemWith, isForMany, ONE_HOST, SCOPED, BROADCAST
local ____address = require("signpost.format.address")
local parseAddress = ____address.parseAddress
local parseIpv4AndPort = ____address.parseIpv4AndPort
local readIpv4AndPort = ____address.readIpv4AndPort
local ____complaint = require("signpost.text.complaint")
local refuse = ____complaint.refuse
local ____ipv4 = require("signpost.format.ipv4")
local ipv4Number = ____ipv4.ipv4Number
local ____line_end = require("signpost.text.line_end")
local withoutEnd = ____line_end.withoutEnd
--- @returns what was expected instead, if no connection can reach the host; otherwise nothing
function problemWith(to)
    local ____to_0 = to
    local form = ____to_0.form
    local host = ____to_0.host
    if form == "ipv4" then
        return isForMany(ipv4Number(host)) and ONE_HOST or nil
    end
    if form == "name" then
        return nil
    end
    -- Only an IPv4-mapped address has dots in its canonical text (RFC 5952, section 5).
    local mapped = string.match(host, "^::ffff:(%d+%.%d+%.%d+%.%d+)$")
    local multicast = string.find(host, "^ff%x%x:")
    if multicast ~= nil or mapped ~= nil and isForMany(ipv4Number(mapped)) then
        return ONE_HOST
    end
    local linkLocal = string.find(host, "^fe[89ab]%x:")
    if linkLocal ~= nil then
        return SCOPED
    end
    return nil
end
--- Whether an IPv4 address is multicast (224.0.0.0/4, RFC 5771) or the broadcast address.
function isForMany(ipv4)
    local octet = math.floor((ipv4 or 0) / 2 ^ 24)
    return octet >= 224 and octet <= 239 or ipv4 == BROADCAST
end
--- The maximum number of backends in a list, a set or a pool.
____exports.MOST_BACKENDS = 1024
--- The maximum size of a list, a set or a pool, in bytes. It applies to the value as written and to the text printed
-- from it.
____exports.BACKENDS_BYTES = 65536
ONE_HOST = "the address of one host, not a multicast or broadcast address"
SCOPED = "an address that needs no interface beside it, as link-local ones do"
--- Reads the address of a backend as `parseAddress` does, but refuses addresses that no connection can reach. nginx does
-- not try to connect to some of them, and logs `[crit]` for others at each request.
-- 
-- @param text the address
-- @param before bytes before it in the full text; error positions count from the start of the full text
-- @returns `bad_target` with the position, what was expected and what was found
function ____exports.parseBackend(text, before)
    if before == nil then
        before = 0
    end
    local address, err, detail = parseAddress(text, before)
    if err ~= nil then
        return nil, err, detail
    end
    local expected = problemWith(address)
    if expected ~= nil then
        return refuse(before + 1, expected, text)
    end
    return address, nil
end
--- Fast path of `parseBackend` for an IPv4 address and a port, the form of most backends.
-- 
-- @returns nothing if `parseBackend` must read the text
function ____exports.parseUsualBackend(text)
    local address, ipv4 = parseIpv4AndPort(text)
    if address == nil or isForMany(ipv4) then
        return nil
    end
    return address
end
--- Whether `parseUsualBackend` accepts a text. Such a text is already canonical, so this builds no address.
function ____exports.isUsualBackend(text)
    local ipv4 = readIpv4AndPort(text)
    return ipv4 ~= nil and not isForMany(ipv4)
end
--- Reads a single backend: an item of a list, or a member of a set or a pool. Ignores blanks and line ends after it, and
-- a slash at its end, as Hipache does.
-- 
-- @returns `bad_target` with the position, what was expected and what was found
function ____exports.parseMember(text)
    local member = string.match(
        withoutEnd(text),
        "^(.-)/?$"
    )
    if member == nil then
        member = ""
    end
    return ____exports.parseBackend(member)
end
BROADCAST = 4294967295
return ____exports

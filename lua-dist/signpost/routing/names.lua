local ____exports = {}
local isIpLiteral, addWildcards, MAX_WILDCARDS
local ____key_spaces = require("signpost.redis.key_spaces")
local ROUTES = ____key_spaces.ROUTES
local spaceOf = ____key_spaces.spaceOf
local ____ipv4 = require("signpost.format.ipv4")
local ipv4Octets = ____ipv4.ipv4Octets
local ____ipv6 = require("signpost.format.ipv6")
local canonicalIpv6 = ____ipv6.canonicalIpv6
local ____written_host = require("signpost.format.written_host")
local NOT_IN_HOST = ____written_host.NOT_IN_HOST
--- Whether a request's host can be one: it consists of the bytes of host names (letters, digits, `-`, `_`, `.`, and
-- what is not ASCII), or is an IPv6 address in brackets. An empty host is accepted.
-- 
-- Invariant: the Host that is sent on holds no byte at which a backend could read it as another host's, such as `#`,
-- `?`, `\` or `@`.
-- 
-- @param host nginx's `$host`
function ____exports.isHost(host)
    local alien = string.find(host, NOT_IN_HOST)
    if alien == nil then
        return true
    end
    local bracketed = string.match(host, "^%[(.*)%]$")
    return bracketed ~= nil and canonicalIpv6(bracketed) ~= nil
end
function isIpLiteral(host)
    return string.sub(host, 1, 1) == "[" or ipv4Octets(host) ~= nil
end
--- Adds `*.b.c` and `*.c` for `a.b.c`: one for each dot, without the first dots if there are too many.
function addWildcards(host, names)
    local ____, dots = string.gsub(host, "%.", "")
    local surplus = dots - MAX_WILDCARDS
    local dot = string.find(host, ".", 1, true)
    while dot ~= nil do
        local wildcard = "*" .. string.sub(host, dot)
        -- A client may send `*.example.com` as its host, which is in the list already.
        if surplus <= 0 and wildcard ~= host then
            names[#names + 1] = wildcard
        end
        surplus = surplus - 1
        dot = string.find(host, ".", dot + 1, true)
    end
end
--- The longest DNS name, in bytes.
local HOST_BYTES = 253
MAX_WILDCARDS = 8
--- Lists the keys of the route table that a host may match, the most specific first: `a.example.com`, `*.example.com`,
-- `*.com`, `*`. No key comes twice.
-- 
-- At most 8 wildcards are listed, those with the fewest labels. An IP literal has no parent domains: it matches itself
-- and `*`. What cannot be a host (empty, longer than 253 bytes, or `@web`, which is a pool's name) matches only `*`.
-- 
-- @param host nginx's `$host`: lower case, without port and trailing dot, IPv6 in brackets; otherwise any bytes
function ____exports.namesToTry(host)
    if host == "" or host == "*" or spaceOf(host) ~= ROUTES or #host > HOST_BYTES then
        return {"*"}
    end
    local names = {host}
    if not isIpLiteral(host) then
        addWildcards(host, names)
    end
    names[#names + 1] = "*"
    return names
end
--- Lists the keys for a request's host: those of `namesToTry`, or none if `isHost` refuses it. So such a host is never
-- looked up in Redis, matched by a wildcard, or remembered.
-- 
-- @param host nginx's `$host`
function ____exports.namesOfHost(host)
    return ____exports.isHost(host) and ____exports.namesToTry(host) or ({})
end
return ____exports

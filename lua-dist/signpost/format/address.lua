local ____exports = {}
local portFrom, cut, cutHost, parseScheme, parseHost, withoutFinalDot, parseIpv6, parseIpv4, parsePort
local ____complaint = require("signpost.text.complaint")
local refuse = ____complaint.refuse
local ____host_name = require("signpost.format.host_name")
local parseHostName = ____host_name.parseHostName
local ____ipv4 = require("signpost.format.ipv4")
local ipv4Number = ____ipv4.ipv4Number
local NINE = ____ipv4.NINE
local ZERO = ____ipv4.ZERO
local ____ipv6 = require("signpost.format.ipv6")
local canonicalIpv6 = ____ipv6.canonicalIpv6
--- An IPv4 literal and a port, as most addresses are. LuaJIT compiles this, and not what matches patterns: a file of a
-- million routes is read in half the time.
-- 
-- @returns the address, and the number of its host; nothing for any other text, be it right or wrong
function ____exports.parseIpv4AndPort(text)
    local ipv4, port, colon = ____exports.readIpv4AndPort(text)
    if ipv4 == nil then
        return nil, nil
    end
    return {
        scheme = "http",
        form = "ipv4",
        host = string.sub(text, 1, colon - 1),
        port = port
    }, ipv4
end
--- What such an address says; it is canonical as it stands.
-- 
-- @returns the number of the host, the port, and the place of the colon between; nothing for any other text
function ____exports.readIpv4AndPort(text)
    local colon = string.find(text, ":", 1, true)
    if colon == nil then
        return nil, nil, nil
    end
    local port = portFrom(text, colon + 1)
    local ipv4 = ipv4Number(text, colon - 1)
    if port == nil or ipv4 == nil then
        return nil, nil, nil
    end
    return ipv4, port, colon
end
--- The port that the text has from there on to its end; nothing if there is anything else.
function portFrom(text, start)
    local port = 0
    for i = start, #text do
        local byte = string.byte(text, i)
        local isLeadingZero = byte == ZERO and port == 0
        if byte < ZERO or byte > NINE or isLeadingZero or port > 65535 then
            return nil
        end
        port = port * 10 + byte - ZERO
    end
    return port >= 1 and port <= 65535 and port or nil
end
--- What follows `proxy_pass http://`: `10.0.0.5:8080`, `[fd00::5]:8080`, `app.internal:80`.
-- 
-- The port is always there: nginx would take a name without one for an `upstream` block of that name, if there is one.
function ____exports.printHostPort(address)
    return address.form == "ipv6" and (("[" .. address.host) .. "]:") .. tostring(address.port) or (address.host .. ":") .. tostring(address.port)
end
--- The text's three parts as they stand, right or wrong; together they are the text.
function cut(text)
    local scheme = string.match(text, "^[A-Za-z][A-Za-z0-9+.-]*://")
    local rest = string.sub(text, #(scheme or "") + 1)
    local host = cutHost(rest)
    return scheme or "", host, string.sub(rest, #host + 1)
end
--- The host at the start of the text. Only IPv6 may hold colons, in brackets or by mistake without them.
function cutHost(text)
    local bracketed = string.match(text, "^%[[^%]]*%]?")
    if bracketed ~= nil then
        return bracketed
    end
    local bareIpv6 = string.match(text, "^%x*:[%x.]*:[%x:.]*$")
    if bareIpv6 ~= nil then
        return bareIpv6
    end
    local host = string.match(text, "^[^:/?#]*")
    return host or ""
end
--- @param text with its `://`; empty when none was written
function parseScheme(text, before)
    local lower = string.lower(text)
    if lower == "" or lower == "http://" then
        return "http", nil
    end
    if lower == "https://" then
        return "https", nil
    end
    return refuse(before + 1, "http:// or https://", text)
end
function parseHost(text, before)
    local colon = string.find(text, ":", 1, true)
    if colon ~= nil or string.sub(text, 1, 1) == "[" then
        return parseIpv6(text, before)
    end
    -- The last label decides: 10.0.0.256 is a mistyped address, never a name to ask a resolver for.
    local endsInNumber = string.find("." .. text, "^[A-Za-z0-9._-]*%.%d+$")
    if endsInNumber ~= nil then
        return parseIpv4(text, before)
    end
    local name, err, detail = parseHostName(
        withoutFinalDot(text),
        before
    )
    if err ~= nil then
        return nil, err, detail
    end
    return {form = "name", host = name}, nil
end
--- `app.internal.` is `app.internal`: nginx's resolver knows no search domains. `10.0.0.5.` stays as it is, which is no name.
function withoutFinalDot(text)
    local undotted = string.match(text, "^(.*)%.$")
    if undotted == nil then
        undotted = ""
    end
    local endsInNumber = string.find("." .. undotted, "%.%d*$")
    return endsInNumber == nil and undotted or text
end
function parseIpv6(text, before)
    local inside = string.match(text, "^%[(.*)%]$")
    if inside == nil then
        return refuse(before + 1, "an IPv6 address in brackets", text)
    end
    local zone = string.find(inside, "%", 1, true)
    if zone ~= nil then
        return refuse(
            before + 1 + zone,
            "an IPv6 address without a zone",
            string.sub(inside, zone)
        )
    end
    local host = canonicalIpv6(inside)
    if host == nil then
        return refuse(before + 2, "an IPv6 address", inside)
    end
    return {form = "ipv6", host = host}, nil
end
function parseIpv4(text, before)
    if ipv4Number(text) == nil then
        return refuse(before + 1, "an IPv4 address of four numbers from 0 to 255 without leading zeros", text)
    end
    return {form = "ipv4", host = text}, nil
end
--- @param text with its colon; empty when no port was written
function parsePort(text, before, fallback)
    if text == "" then
        return fallback, nil
    end
    local digits = string.match(text, "^:([^/?#]*)")
    if digits == nil then
        return refuse(before + 1, "a port or the end: a target has no path", text)
    end
    local decimal = string.match(digits, "^[1-9]%d?%d?%d?%d?$")
    local port = tonumber(decimal)
    if port == nil or port > 65535 then
        return refuse(before + 2, "a port from 1 to 65535", digits)
    end
    local path = string.sub(text, #digits + 2)
    if path ~= "" then
        return refuse(before + #digits + 2, "the end: a target has no path", path)
    end
    return port, nil
end
--- The port of a URL or a backend that names none.
____exports.DEFAULT_PORT = {http = 80, https = 443}
--- Reads one address: `10.0.0.5:8080`, `[fd00::5]`, `https://app.internal`. Nothing may stand around it, not a blank.
-- 
-- Each part of the result consists of bytes allowed by name, so none holds a control byte, a blank, a quote, `$`,
-- `;`, `{` or `}`: whatever Redis holds, nginx is given no variable and no second directive.
-- 
-- @param text the address
-- @param before how many bytes stand before it in the text that a complaint counts from
-- @returns `bad_target` with the place, what was expected and what was there
function ____exports.parseAddress(text, before)
    if before == nil then
        before = 0
    end
    local usual = ____exports.parseIpv4AndPort(text)
    if usual ~= nil then
        return usual, nil
    end
    local schemeText, hostText, portText = cut(text)
    local beforeHost = before + #schemeText
    local scheme, schemeErr, schemeDetail = parseScheme(schemeText, before)
    if schemeErr ~= nil then
        return nil, schemeErr, schemeDetail
    end
    local host, hostErr, hostDetail = parseHost(hostText, beforeHost)
    if hostErr ~= nil then
        return nil, hostErr, hostDetail
    end
    local port, portErr, portDetail = parsePort(portText, beforeHost + #hostText, ____exports.DEFAULT_PORT[scheme])
    if portErr ~= nil then
        return nil, portErr, portDetail
    end
    return {scheme = scheme, form = host.form, host = host.host, port = port}, nil
end
--- The canonical text of an address, which parses to the same address: the scheme when it is https, the port always.
function ____exports.printAddress(address)
    local hostPort = ____exports.printHostPort(address)
    return address.scheme == "https" and "https://" .. hostPort or hostPort
end
return ____exports

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
--- Fast path: reads an IPv4 literal and a port, the form of most addresses. LuaJIT compiles this; it does not compile
-- pattern matching. Reading a file of a million routes takes half the time.
-- 
-- @returns the address, and its host as a number; nothing for any other text, valid or not
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
--- Reads the same form without building an address. A text of this form is already canonical.
-- 
-- @returns the host as a number, the port, and the position of the colon; nothing for any other text
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
--- The port in the text from `start` to the end; nothing if that is not exactly a port.
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
--- The text that follows `proxy_pass http://`: `10.0.0.5:8080`, `[fd00::5]:8080`, `app.internal:80`.
-- 
-- The port is always present: without it, nginx would use an `upstream` block of that name, if there is one.
function ____exports.printHostPort(address)
    return address.form == "ipv6" and (("[" .. address.host) .. "]:") .. tostring(address.port) or (address.host .. ":") .. tostring(address.port)
end
--- Splits the text into three parts without checking them; joined, they give the text again.
function cut(text)
    local scheme = string.match(text, "^[A-Za-z][A-Za-z0-9+.-]*://")
    local rest = string.sub(text, #(scheme or "") + 1)
    local host = cutHost(rest)
    return scheme or "", host, string.sub(rest, #host + 1)
end
--- The host at the start of the text. Only an IPv6 address contains colons, with brackets or, by mistake, without.
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
--- @param text the scheme with its `://`; empty if there is none
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
    -- A last label of digits means an IPv4 address: 10.0.0.256 is a typo, never a name to resolve.
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
--- Removes a final dot: `app.internal.` is `app.internal`, because nginx's resolver has no search domains. `10.0.0.5.`
-- keeps its dot, and is then refused as a name.
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
--- @param text the port with its colon; empty if there is none
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
--- The port of a URL or a backend that gives none.
____exports.DEFAULT_PORT = {http = 80, https = 443}
--- Reads one address: `10.0.0.5:8080`, `[fd00::5]`, `https://app.internal`. The text must contain nothing else, not even
-- a blank.
-- 
-- Each part of the result consists only of allowed bytes. None contains a control byte, a blank, a quote, `$`, `;`, `{`
-- or `}`, so no value in Redis can give nginx a variable or a second directive.
-- 
-- @param text the address
-- @param before bytes before it in the full text; error positions count from the start of the full text
-- @returns `bad_target` with the position, what was expected and what was found
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
--- The canonical text of an address; it parses to the same address. It has a scheme only for https, and always a port.
function ____exports.printAddress(address)
    local hostPort = ____exports.printHostPort(address)
    return address.scheme == "https" and "https://" .. hostPort or hostPort
end
return ____exports

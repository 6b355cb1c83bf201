--- Replaces the prefix that a route has matched by the path of its target, as nginx's `proxy_pass` with a URI does.
local ____exports = {}
local restAsSent, endOfPrefix, isContained, joined, escape, escapeByte, SLASH
local ____path_readings = require("signpost.routing.path_readings")
local isReadingOf = ____path_readings.isReadingOf
--- @returns what follows the prefix in the target, unless the request was rewritten, or does not begin with it
function restAsSent(prefix, uri, target, args)
    local query = string.match(target, "%?(.*)$")
    if query == nil then
        query = ""
    end
    if query ~= args or not isReadingOf(target, uri) then
        return nil
    end
    local ____end = endOfPrefix(prefix, target)
    local rest = string.sub(target, ____end or 1)
    local within = string.find(rest, "^[^/?#]")
    return ____end ~= nil and within == nil and rest or nil
end
--- @returns where the prefix ends in a target, which may encode any byte of it.
function endOfPrefix(prefix, target)
    local place = 1
    for i = 1, #prefix do
        local digits = string.match(target, "^%%(%x%x)", place)
        local byte = digits == nil and string.byte(target, place) or tonumber(digits, 16)
        if byte ~= string.byte(prefix, i) then
            return nil
        end
        place = place + (digits == nil and 1 or 3)
    end
    return place
end
--- Whether every reading of the rest stays below the rule's path, and none begins with a host.
function isContained(rule, rest)
    local path = string.match(rest, "^[^?]*")
    if path == nil then
        path = ""
    end
    local slashes = string.gsub(path, "%%2[Ff]", "/")
    local backslashes = string.gsub(slashes, "%%5[Cc]", "/")
    local turned = string.gsub(backslashes, "\\", "/")
    local dotted = string.gsub(turned, "%%2[Ee]", ".")
    local dots = string.find(dotted, "/%.%.?%f[%z/#]")
    return dots == nil and (rule.path ~= "/" or string.sub(dotted, 1, 2) ~= "//")
end
function joined(rule, rest)
    if string.byte(rest) ~= SLASH then
        return rule.path .. rest
    end
    local base = string.match(rule.path, "^(.-)/?$")
    if base == nil then
        base = ""
    end
    return base .. rest
end
--- Escapes a path as nginx does, and whatever else no URI may hold (RFC 3986, section 3.3).
function escape(path)
    local escaped = string.gsub(path, "[^A-Za-z0-9._~!$&'()*+,;=:@/%[%]-]", escapeByte)
    return escaped
end
function escapeByte(byte)
    return string.format(
        "%%%02X",
        string.byte(byte)
    )
end
SLASH = 47
--- Makes the request target that the backend gets. The path `/` for the prefix `/api` makes `/x` of `/api/x`, and `/` of
-- `/api`; the path `/v2` makes `/v2/x` and `/v2`. A slash at the end of the path matters only for `/api` itself.
-- 
-- What follows the prefix is sent byte for byte as the client sent it. Where that is impossible, `$uri` is sent,
-- escaped again, as with any `proxy_pass` that has a URI: if the target does not begin with the prefix (`/x/../api`),
-- if dot segments follow it or, without a path, two slashes, and if something has rewritten `$uri` or `$args`.
-- 
-- Invariant: however a backend reads paths, it never reads what it gets as a path outside of the target's.
-- 
-- @param uri nginx's `$uri`, which is within the prefix
-- @param target nginx's `$request_uri`
-- @param args nginx's `$args`
-- @returns nothing if a backend might still read it as outside
function ____exports.replacePrefix(rule, uri, target, args)
    local sent = restAsSent(rule.prefix, uri, target, args)
    if sent ~= nil and isContained(rule, sent) then
        return joined(rule, sent)
    end
    local query = args == "" and "" or "?" .. args
    local rest = escape(string.sub(uri, #rule.prefix + 1)) .. query
    return isContained(rule, rest) and joined(rule, rest) or nil
end
return ____exports

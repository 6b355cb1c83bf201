--- Where a request is redirected to.
local ____exports = {}
local withoutPort
local ____address = require("signpost.format.address")
local DEFAULT_PORT = ____address.DEFAULT_PORT
--- @returns host and port in lower case, without the port that is the scheme's default
function withoutPort(authority, scheme)
    local lower = string.lower(authority)
    local host = string.match(
        lower,
        ("^(.*):" .. tostring(DEFAULT_PORT[scheme])) .. "$"
    )
    return host or lower
end
---
-- @returns the URL that a `return` target redirects to; nothing if it has none
function ____exports.locationOf(to, request)
    local ____to_0 = to
    local url = ____to_0.url
    local afterHost = ____to_0.afterHost
    if url == nil then
        return nil
    end
    local base = afterHost == nil and url or (url .. request.host()) .. afterHost
    return to.appendRequestUri and base .. request.target() or base
end
--- Whether a redirect leads to the very URL that was asked for, as `return 301 https://same.example$request_uri` does
-- once the client speaks https. Clients would follow it until they give up.
function ____exports.leadsToItself(location, request)
    local scheme, authority, rest = string.match(location, "^(https?)://([^/?#]*)(.*)$")
    if authority == nil then
        authority = ""
    end
    if rest == nil then
        rest = ""
    end
    local target = request.target()
    if scheme == nil then
        return location == target
    end
    local path = string.sub(rest, 1, 1) == "/" and rest or "/" .. rest
    if scheme ~= request.scheme() or path ~= target then
        return false
    end
    local asked = request.hostHeader() or request.host()
    return withoutPort(authority, scheme) == withoutPort(asked, scheme)
end
---
-- @returns the URL that was asked for, by https on its default port
function ____exports.httpsLocation(request)
    return ("https://" .. request.host()) .. request.target()
end
---
-- @returns 301 for a GET and a HEAD; 308, which keeps the method, for any other, as other servers do
function ____exports.httpsStatus(request)
    local method = request.method()
    return (method == "GET" or method == "HEAD") and 301 or 308
end
return ____exports

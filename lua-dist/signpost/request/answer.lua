local ____exports = {}
local withoutPort, locationOf, discardBody, PORTS
local ____log = require("signpost.platform.log")
local log = ____log.log
local ____result = require("signpost.result")
local FAILURES = ____result.FAILURES
local ____client_scheme = require("signpost.request.client_scheme")
local clientScheme = ____client_scheme.clientScheme
--- @returns host and port in lower case, without the port that the scheme means by itself
function withoutPort(authority, scheme)
    local lower = string.lower(authority)
    local host = string.match(
        lower,
        ("^(.*):" .. tostring(PORTS[scheme])) .. "$"
    )
    return host or lower
end
--- @returns where a redirect leads; nothing if the target is none.
function locationOf(target)
    local ____target_0 = target
    local url = ____target_0.url
    local afterHost = ____target_0.afterHost
    if url == nil then
        return nil
    end
    local base = afterHost == nil and url or (url .. (ngx.var.host or "")) .. afterHost
    return target.appendRequestUri and base .. (ngx.var.request_uri or "/") or base
end
--- nginx discards an unread body only when it writes the response itself; left on a kept connection, the body would be taken
-- for the next request.
--
-- @returns false if the body is malformed
function discardBody()
    local isDiscarded = pcall(ngx.req.discard_body)
    return isDiscarded
end
--- `return` targets are nginx's own words: it writes the page, and an `error_page` of the user's applies.
function ____exports.answerHere(target)
    local location = locationOf(target)
    if location == nil then
        ngx.exit(target.status)
    else
        ngx.redirect(location, target.status)
    end
end
--- Whether a redirect leads to the very URL that was asked for, as `return 301 https://same.example$request_uri` does once
-- the client speaks https. Clients would follow it until they give up.
function ____exports.leadsToItself(target)
    local location = locationOf(target)
    if location == nil then
        return false
    end
    local scheme, authority, rest = string.match(location, "^(https?)://([^/?#]*)(.*)$")
    if authority == nil then
        authority = ""
    end
    if rest == nil then
        rest = ""
    end
    local here = ngx.var.request_uri or "/"
    if scheme == nil then
        return location == here
    end
    local path = string.sub(rest, 1, 1) == "/" and rest or "/" .. rest
    local asked = ngx.var.http_host or ngx.var.host or ""
    return scheme == clientScheme() and path == here and withoutPort(authority, scheme) == withoutPort(asked, scheme)
end
PORTS = {http = "80", https = "443"}
--- Moves the request to https, on the usual port. Like others do: a GET by 301, any other by 308, which keeps the method.
function ____exports.redirectToHttps()
    local method = ngx.var.request_method
    local status = (method == "GET" or method == "HEAD") and 301 or 308
    ngx.redirect(("https://" .. (ngx.var.host or "")) .. (ngx.var.request_uri or "/"), status)
end
--- Answers with a failure word's status: nginx with a page of its own, in whose place `error_page` may put another; or
-- Signpost with a line of plain text. A request whose body is malformed is answered with 400.
-- 
-- An error page may be in a location that is Signpost's too, and be refused there. The second refusal is answered with text:
-- with `recursive_error_pages on` it would lead to the same page again, until nginx breaks that off with 500.
function ____exports.refuse(word, ____bindingPattern0)
    local retryAfter
    local writer
    writer = ____bindingPattern0.writer
    retryAfter = ____bindingPattern0.retryAfter
    local isByNginx = writer == "nginx" and (ngx.var.signpost_error or "") == ""
    ngx.var.signpost_error = word
    if word == "no_route" or word == "bad_host" then
        ngx.var.signpost_route = ""
    end
    if not isByNginx and not discardBody() then
        -- The body is malformed, and the log says so: nginx answers by itself and closes the connection.
        ngx.exit(400)
        return
    end
    local ____FAILURES_word_1 = FAILURES[word]
    local status = ____FAILURES_word_1.status
    local body = ____FAILURES_word_1.body
    local retry = ____FAILURES_word_1.retry
    if retry then
        ngx.header["Retry-After"] = retryAfter
    end
    if isByNginx then
        ngx.exit(status)
        return
    end
    ngx.status = status
    ngx.header["Content-Type"] = "text/plain"
    ngx.header["Content-Length"] = #body
    -- dropped: it fails only when the client is gone
    ngx.print(body)
    ngx.exit(ngx.OK)
end
--- Answers 500: nginx's configuration calls the rewrite phase, but not both `init` and `init_worker`.
function ____exports.refuseUnready()
    log.error("init and init_worker have not been called in init_by_lua and init_worker_by_lua")
    ngx.exit(500)
end
return ____exports

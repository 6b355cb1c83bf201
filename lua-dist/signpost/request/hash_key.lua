local ____exports = {}
local COOKIE
---
-- @returns the name of the cookie in nginx's variable `cookie_NAME`
function ____exports.cookieName(variable)
    return string.sub(variable, #COOKIE + 1)
end
COOKIE = "cookie_"
--- Hashes a request for a pool. A request without the header or cookie that the pool hashes on is hashed by the client's
-- address.
-- 
-- @param options the pool's
-- @param mayIssue whether the client can still be given a cookie
-- @returns 32 bits, or 0 if the pool does not hash; and the value of the cookie that brings the client back to the
-- same peer, empty if none
function ____exports.hashKey(options, request, mayIssue)
    local ____options_0 = options
    local hashOn = ____options_0.hashOn
    local hashCookie = ____options_0.hashCookie
    if hashOn == nil then
        return 0, ""
    end
    local value = request.variable(hashOn.variable)
    local cookie = ""
    if mayIssue and hashCookie == "issue" and (value == nil or value == "") then
        value = request.newCookie(____exports.cookieName(hashOn.variable))
        cookie = value or ""
    end
    return request.hash(value or request.variable("remote_addr") or ""), cookie
end
return ____exports

local ____exports = {}
local ____issued_cookie = require("signpost.request.issued_cookie")
local issueCookie = ____issued_cookie.issueCookie
---
-- @param issues whether a client without the cookie gets one
-- @returns 32 bits of what the pool hashes on; of the client's address if the request has no such header or cookie.
function ____exports.hashKey(____bindingPattern0, issues)
    local variable
    variable = ____bindingPattern0.variable
    local value = ngx.var[variable]
    if issues and (value == nil or value == "") then
        value = issueCookie(string.sub(variable, #"cookie_" + 1))
    end
    return ngx.crc32_long(value or ngx.var.remote_addr or "")
end
return ____exports

local ____exports = {}
local valueOf, variableOf, VARIABLES
function valueOf(hashOn)
    if hashOn.kind == "header" or hashOn.kind == "cookie" then
        return ngx.var[variableOf(hashOn.kind, hashOn.name)]
    end
    local ____temp_0
    if hashOn.kind == "uri" then
        ____temp_0 = ngx.var.uri
    else
        ____temp_0 = ngx.var.remote_addr
    end
    return ____temp_0
end
function variableOf(kind, name)
    local variable = VARIABLES[kind][name]
    if variable == nil then
        local underscored = string.gsub(name, "-", "_")
        variable = kind == "header" and "http_" .. underscored or "cookie_" .. name
        VARIABLES[kind][name] = variable
    end
    return variable
end
VARIABLES = {header = {}, cookie = {}}
---
-- @returns 32 bits of what the pool hashes on; of the client's address if the request has no such header or cookie.
function ____exports.hashKey(hashOn)
    return ngx.crc32_long(valueOf(hashOn) or ngx.var.remote_addr or "")
end
return ____exports

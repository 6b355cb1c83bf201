local ____exports = {}
---
-- @returns 32 bits of what the pool hashes on; of the client's address if the request has no such header or cookie.
function ____exports.hashKey(____bindingPattern0)
    local variable
    variable = ____bindingPattern0.variable
    return ngx.crc32_long(ngx.var[variable] or ngx.var.remote_addr or "")
end
return ____exports

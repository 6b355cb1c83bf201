local ____exports = {}
local authorityOfTarget
--- @returns the host and port in a request target in absolute form; nothing for another target
function authorityOfTarget()
    local authority = string.match(ngx.var.request or "", "^[^ ]+ +[^:/ ]+://([^/?# ]+)")
    return authority
end
--- Makes sure that the Host header that is sent on names the host that the request is routed by. The client's header
-- usually does, apart from its case, its port or a final dot. It does not if the request target is in absolute form,
-- which outranks the header (RFC 9112, 3.2.2), or if there is no header. If a client could make a backend see another
-- host than this nginx sees, it could make the backend answer for that other host.
-- 
-- @param host nginx's `$host`
function ____exports.correctHost(host)
    local withoutPort = string.gsub(
        string.lower(ngx.var.http_host or ""),
        ":%d*$",
        ""
    )
    local named = string.gsub(withoutPort, "%.$", "")
    if named ~= host or named == "" then
        local corrected = authorityOfTarget() or (host == "" and (ngx.var.server_addr or "") or host)
        ngx.var.signpost_host = corrected
        ngx.var.signpost_forwarded_host = corrected
    end
end
return ____exports

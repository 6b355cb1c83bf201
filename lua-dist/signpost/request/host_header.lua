local ____exports = {}
local authorityOfTarget
--- @returns what a request target in absolute form names as host and port.
function authorityOfTarget()
    local authority = string.match(ngx.var.request or "", "^[^ ]+ +[^:/ ]+://([^/?# ]+)")
    return authority
end
--- Makes the Host header that is sent on say what the request is routed by. Usually it does, but for its case, its port or
-- a final dot; not if the request target is in absolute form, which outranks the header (RFC 9112, 3.2.2), nor if there
-- is no header.
-- A backend that believed another name than this nginx could be made to answer for it.
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

local ____exports = {}
local addLaterHop, receivedLines, sentLines
local ____cdn_loop = require("signpost.routing.cdn_loop")
local countHops = ____cdn_loop.countHops
local MAX_HOPS = ____cdn_loop.MAX_HOPS
local withHop = ____cdn_loop.withHop
--- The id may also be there because this very request has had a rewrite phase before: an internal redirect keeps the
-- header, and a subrequest has its parent's. What the client sent tells the two apart. Of HTTP/2 and later that cannot be
-- had: there the node is added once more for each internal redirect, up to `MAX_HOPS`.
function addLaterHop(id)
    local header = receivedLines()
    local ____countHops_result_0 = countHops(header, id)
    local own = ____countHops_result_0.own
    local all = ____countHops_result_0.all
    if own > 0 then
        local sent = sentLines()
        if sent ~= nil then
            return countHops(sent, id).own == 0
        end
        if not ngx.req.is_internal() then
            return false
        end
    end
    if all >= MAX_HOPS then
        return false
    end
    ngx.req.set_header(
        "CDN-Loop",
        withHop(header, id)
    )
    return true
end
--- @returns the header as nginx has it now; before nginx 1.23, `$http_cdn_loop` is only the first of several lines.
function receivedLines()
    local lines = ngx.req.get_headers(0)["cdn-loop"] or ""
    return type(lines) == "string" and lines or table.concat(lines, ", ")
end
--- @returns the header as the client sent it; nothing if the client speaks HTTP/2 or later.
function sentLines()
    if (ngx.req.http_version() or 2) >= 2 then
        return nil
    end
    local lines = ""
    for line in string.gmatch(
        ngx.req.raw_header(),
        "\n[Cc][Dd][Nn]%-[Ll][Oo][Oo][Pp]:([^\r\n]*)"
    ) do
        lines = (lines .. ",") .. line
    end
    return lines
end
--- Adds this node to the request's `CDN-Loop` header, unless the request has been here before.
-- 
-- Invariant: no request is sent on that this node has sent on before, nor one that has passed `MAX_HOPS` nodes. So a
-- route that leads to the node itself costs one request more, not hundreds.
-- 
-- The request's own header is changed, rather than one added by `proxy_set_header`: that would be missing with an older
-- location snippet.
-- 
-- @param id this node's
-- @returns false: the request must not be sent on
function ____exports.addHop(id)
    if ngx.var.http_cdn_loop == nil then
        ngx.req.set_header("CDN-Loop", id)
        return true
    end
    return addLaterHop(id)
end
--- Whether some Signpost node has sent the request, this one or another.
function ____exports.hasPassedNode(id)
    return countHops(
        receivedLines(),
        id
    ).all > 0
end
return ____exports

local ____exports = {}
local laterHop, receivedLines, sentLines
local ____cdn_loop = require("signpost.routing.cdn_loop")
local countHops = ____cdn_loop.countHops
local MAX_HOPS = ____cdn_loop.MAX_HOPS
local withHop = ____cdn_loop.withHop
--- The id may also be there because this very request has had a rewrite phase before: an internal redirect keeps the
-- header, and a subrequest has its parent's. The header as the client sent it tells the two apart. With HTTP/2 and
-- later nginx does not keep that: the node is then added once more for each internal redirect, up to `MAX_HOPS`.
function laterHop(id)
    local header = receivedLines()
    local ____countHops_result_0 = countHops(header, id)
    local own = ____countHops_result_0.own
    local all = ____countHops_result_0.all
    if own > 0 then
        local sent = sentLines()
        if sent ~= nil then
            return countHops(sent, id).own == 0 and "" or nil
        end
        if not ngx.req.is_internal() then
            return nil
        end
    end
    return all < MAX_HOPS and withHop(header, id) or nil
end
--- @returns the header as nginx has it now; before nginx 1.23, `$http_cdn_loop` is only the first of several lines
function receivedLines()
    local lines = ngx.req.get_headers(0)["cdn-loop"] or ""
    return type(lines) == "string" and lines or table.concat(lines, ", ")
end
--- @returns the header as the client sent it; nothing if the client speaks HTTP/2 or later
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
--- Finds the `CDN-Loop` header that a request is sent on with.
-- 
-- Invariant: a request is not sent on if this node has sent it on before, or if it has passed `MAX_HOPS` nodes. So a
-- route that leads to the node itself costs one more request, not hundreds.
-- 
-- @param id this node's
-- @returns the header with this node in it; empty if the request's own is right; nothing if the request must not be
-- sent on
function ____exports.nextHop(id)
    return ngx.var.http_cdn_loop == nil and id or laterHop(id)
end
--- Whether a Signpost node, this one or another, has sent the request.
function ____exports.hasPassedNode(id)
    return countHops(
        receivedLines(),
        id
    ).all > 0
end
return ____exports

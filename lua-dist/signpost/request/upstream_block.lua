local ____exports = {}
local isRepeatable, hasBody
local ____snippet_versions = require("signpost.request.snippet_versions")
local hasOwnUpstream = ____snippet_versions.hasOwnUpstream
--- Whether this request may go over a connection that was kept.
function ____exports.mayReuse(reuse)
    return reuse == "always" or reuse == "safe" and isRepeatable()
end
--- A request is counted as one that nginx sends again if its method is safe (RFC 9110, 9.2.1) and it has no body: whatever
-- the method, none is sent again whose body was passed on as it came.
function isRepeatable()
    local method = ngx.var.request_method
    local isSafe = method == "GET" or method == "HEAD" or method == "OPTIONS" or method == "TRACE"
    return isSafe and not hasBody()
end
function hasBody()
    return ngx.var.http_transfer_encoding ~= nil or (ngx.var.content_length or "0") ~= "0"
end
--- The block of signpost.http.conf in which nginx keeps connections: what `upstream_block` is unless it was given.
____exports.KEEPING = "signpost"
--- The block of signpost.http.conf in which nginx keeps none. Its name is fixed, whatever `upstream_block` says.
____exports.FRESH = "signpost_fresh"
--- The http snippet of 0.1.0 declares the one block only.
function ____exports.declaredBlock(upstream)
    return upstream == ____exports.FRESH and ____exports.KEEPING or upstream
end
--- Which upstream block a request goes to.
-- 
-- Invariant: with `reuse never` no two requests share a connection, and with `reuse safe` no request goes over a kept one
-- that nginx would not send again.
-- 
-- @param kept the block that keeps connections; empty if there is none
-- @returns empty if there is no such block: the request goes by address, over a connection of its own
function ____exports.blockFor(reuse, kept)
    if ____exports.mayReuse(reuse) or kept == "" then
        return kept
    end
    return hasOwnUpstream() and ____exports.FRESH or ""
end
return ____exports

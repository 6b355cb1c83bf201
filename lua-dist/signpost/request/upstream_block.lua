local ____exports = {}
local isRepeatable
function isRepeatable(request)
    local method = request.method()
    local isSafe = method == "GET" or method == "HEAD" or method == "OPTIONS" or method == "TRACE"
    return isSafe and not request.hasBody()
end
--- The block of signpost.http.conf that keeps no connections. Its name is fixed, whatever `upstream_block` says.
local FRESH = "signpost_fresh"
--- Chooses the upstream block that a request goes to.
-- 
-- Invariant: with `reuse never` no two requests share a connection, and with `reuse safe` no request goes over a kept one
-- that nginx would not send again.
-- 
-- @param kept the block that keeps connections; empty if there is none
-- @returns empty if there is no such block: the request goes by address, over a connection of its own
function ____exports.blockFor(reuse, kept, request)
    local mayReuse = reuse == "always" or reuse == "safe" and isRepeatable(request)
    if mayReuse or kept == "" then
        return kept
    end
    return request.hasFreshBlock() and FRESH or ""
end
return ____exports

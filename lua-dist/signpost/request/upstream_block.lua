local ____exports = {}
local isRepeatable
--- Whether a request may go over a connection that was kept.
function ____exports.mayReuse(reuse, request)
    return reuse == "always" or reuse == "safe" and isRepeatable(request)
end
--- Whether nginx would send the request again: its method is safe (RFC 9110, 9.2.1) and it has no body. nginx never
-- repeats a request whose body it has passed on as it came, whatever the method.
function isRepeatable(request)
    local method = request.method()
    local isSafe = method == "GET" or method == "HEAD" or method == "OPTIONS" or method == "TRACE"
    return isSafe and not request.hasBody()
end
--- The block of signpost.http.conf in which nginx keeps connections: the default of the setting `upstream_block`.
____exports.KEEPING = "signpost"
--- The block of signpost.http.conf in which nginx keeps none. Its name is fixed, whatever `upstream_block` says.
____exports.FRESH = "signpost_fresh"
--- Chooses the upstream block that a request goes to, by the pool's option `reuse`.
-- 
-- Invariant: with `reuse never` no two requests share a connection, and with `reuse safe` no request goes over a kept
-- one that nginx would not send again.
-- 
-- @param kept the block whose connections are kept, by nginx or by ngx_lua; empty if there is none
-- @returns empty if there is no such block: the request goes by address, over a connection of its own
function ____exports.blockFor(reuse, kept, request)
    if kept == "" or ____exports.mayReuse(reuse, request) then
        return kept
    end
    return request.hasFreshBlock() and ____exports.FRESH or ""
end
--- Replaces the block that only newer http snippets have: the http snippet of 0.1.0 has one block.
-- 
-- @param upstream what `proxy_pass` is given, with a target or without
function ____exports.withOldBlock(upstream)
    local rest = string.sub(upstream, #____exports.FRESH + 1)
    local isFresh = string.sub(upstream, 1, #____exports.FRESH) == ____exports.FRESH and (rest == "" or string.sub(rest, 1, 1) == "/")
    return isFresh and ____exports.KEEPING .. rest or upstream
end
return ____exports

--- Acts on a decision: tells nginx's variables what was decided, and where the request goes.
local ____exports = {}
local describePeer, describeRoute, describePool
local ____hash_key = require("signpost.request.hash_key")
local cookieName = ____hash_key.cookieName
local ____host_header = require("signpost.request.host_header")
local correctHost = ____host_header.correctHost
local ____issued_cookie = require("signpost.request.issued_cookie")
local giveCookie = ____issued_cookie.giveCookie
local ____snippet_versions = require("signpost.request.snippet_versions")
local hasOwnUpstream = ____snippet_versions.hasOwnUpstream
local ____upstream_block = require("signpost.request.upstream_block")
local withOldBlock = ____upstream_block.withOldBlock
function describePeer(peer)
    if peer.scheme == "https" then
        ngx.var.signpost_scheme = "https"
    end
end
function describeRoute(parts, host, decision)
    local ____decision_3 = decision
    local route = ____decision_3.route
    local level = ____decision_3.level
    if level ~= "memory" then
        parts.checkSnippets()
        ngx.var.signpost_cache = level
    end
    if route ~= host and route ~= "" then
        ngx.var.signpost_route = route
    end
end
--- Names the pool, and sets what its options ask for: a Host, and the client's cookie.
function describePool(parts, decision)
    local ____decision_4 = decision
    local poolName = ____decision_4.poolName
    local pool = ____decision_4.pool
    if poolName ~= "" then
        ngx.var.signpost_pool = poolName
    end
    if pool == nil then
        return
    end
    if poolName ~= "" then
        parts.used(poolName, pool)
    end
    local ____pool_options_5 = pool.options
    local host = ____pool_options_5.host
    local hashOn = ____pool_options_5.hashOn
    if host ~= nil then
        ngx.var.signpost_host = host
    end
    if not pool.isPlain and hashOn ~= nil and decision.cookie ~= "" then
        giveCookie(
            cookieName(hashOn.variable),
            decision.cookie
        )
    end
end
--- Read at the first request: a worker has one configuration for all its life.
local isOwnDeclared
--- Tells nginx's variables what was decided, and where `proxy_pass` goes. It takes a target at the end for its URI, in the
-- snippets and in locations of the user's own.
-- 
-- The http snippet gives the variables what most requests need (http, from memory, matched by its own name), because each
-- assignment costs as much as the look-up: only what differs is assigned. The shipped `proxy_pass` has a variable that no
-- other location sets: `$upstream` is a name that users set for themselves, and a subrequest (`auth_request`) shares its
-- variables with the request.
function ____exports.act(parts, host, decision)
    local ____decision_0 = decision
    local route = ____decision_0.route
    local level = ____decision_0.level
    local poolName = ____decision_0.poolName
    local pool = ____decision_0.pool
    if ngx.var.http_host ~= host then
        correctHost(host)
    end
    if level ~= "memory" or route ~= host then
        describeRoute(parts, host, decision)
    end
    if poolName ~= "" or (pool and pool.isPlain) ~= true then
        describePool(parts, decision)
    end
    if decision.kind ~= "send" then
        return
    end
    if decision.hop ~= "" then
        -- The request's own header, because older location snippets send no other.
        ngx.req.set_header("CDN-Loop", decision.hop)
    end
    if decision.isByAddress then
        describePeer(decision.peer)
    end
    if isOwnDeclared == nil then
        isOwnDeclared = hasOwnUpstream()
    end
    if isOwnDeclared then
        ngx.var.signpost_upstream = decision.upstream
        ngx.var.upstream = decision.upstream
    else
        ngx.var.upstream = withOldBlock(decision.upstream)
    end
end
return ____exports

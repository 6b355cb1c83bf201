--- Acts on a decision: sets nginx's variables to what was decided, and to where the request goes.
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
--- Read at the first request: a worker never changes its configuration.
local isOwnDeclared
--- Sets nginx's variables to what was decided, and to where `proxy_pass` goes. `proxy_pass` takes a target at the end
-- of the upstream for its URI, both in the snippets and in users' own locations.
-- 
-- The http snippet gives the variables what most requests need (http, from memory, matched by its own name), because
-- each assignment costs as much as the look-up: only what differs is assigned. The shipped `proxy_pass` has a variable
-- that no other location sets: users set `$upstream` for purposes of their own, and a subrequest (`auth_request`)
-- shares its variables with the request.
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
        -- This sets the request's own header, because older location snippets send no other.
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

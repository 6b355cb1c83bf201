local ____exports = {}
local attempt, wentToIp, destination, lastProxied, namesPeer
local ____attempts = require("signpost.request.attempts")
local addressOf = ____attempts.addressOf
local attemptOf = ____attempts.attemptOf
local countRuns = ____attempts.countRuns
---
-- @returns how many runs of `proxy_pass` this request has had.
function ____exports.runsUntilNow()
    return countRuns(ngx.var.upstream_status)
end
function attempt(run, number)
    local ____ngx_var_1 = ngx.var
    local upstream_status = ____ngx_var_1.upstream_status
    local upstream_addr = ____ngx_var_1.upstream_addr
    local upstream_connect_time = ____ngx_var_1.upstream_connect_time
    local upstream_header_time = ____ngx_var_1.upstream_header_time
    local lists = {status = upstream_status, address = upstream_addr, connectTime = upstream_connect_time, headerTime = upstream_header_time}
    return attemptOf(lists, run, number)
end
--- Whether it can have gone to the peer. A use whose request had no log phase of ours may be found by another request. nginx
-- writes some IPv6 addresses otherwise than we do, so these are not compared.
function wentToIp(peer, ____bindingPattern0)
    local address
    address = ____bindingPattern0.address
    return address == peer.hostPort or string.sub(peer.hostPort, 1, 1) == "["
end
--- Where the `proxy_pass` of a use by address has sent the request. A peer given by name is not known by the address that it
-- was resolved to, but by what `proxy_pass` was given; and so is one by IPv6, for nginx's form of it may differ from ours.
function destination(____bindingPattern0)
    local run
    local peer
    peer = ____bindingPattern0.peer
    run = ____bindingPattern0.run
    if addressOf(ngx.var.upstream_addr, run) == peer.hostPort then
        return "peer"
    end
    local ipv4 = string.match(peer.hostPort, "^[%d.]+:")
    if ipv4 ~= nil then
        return "elsewhere"
    end
    local proxied = ____exports.runsUntilNow() == run + 1 and lastProxied() or ""
    if proxied == "" then
        return "unknown"
    end
    return namesPeer(proxied, peer) and "peer" or "elsewhere"
end
--- @returns what the last `proxy_pass` was given; empty if the request was led to another location since. Snippets of 0.1.0 do
--   not say: there it is `$upstream`, as long as the request was not led anywhere.
function lastProxied()
    return ngx.var.signpost_proxied_to or (ngx.req.is_internal() and "" or ngx.var.upstream)
end
--- nginx leaves out the port if it is the scheme's own.
function namesPeer(proxied, ____bindingPattern0)
    local scheme
    local hostPort
    hostPort = ____bindingPattern0.hostPort
    scheme = ____bindingPattern0.scheme
    return proxied == hostPort or (proxied .. ":") .. tostring(scheme == "https" and 443 or 80) == hostPort
end
---
-- @returns what became of the try before the one that the balancer is asked for.
function ____exports.outcomeOfTry(use)
    return attempt(use.run, use.tries)
end
--- What became of the last try of a use that is over.
-- 
-- Invariant: only tries count that Signpost's balancer made, or, of a peer that goes by address, that `proxy_pass` made to
-- this peer. nginx's lists hold other locations' tries as well: those of `auth_request` denied and led to a login, of
-- `try_files`, of error pages. What cannot be told to be ours is nobody's.
-- 
-- @returns nothing if there was no try, or it came to no end, or is another location's
function ____exports.outcomeOf(use)
    if not use.isByAddress then
        local ____temp_0
        if use.tries == 0 then
            ____temp_0 = nil
        else
            ____temp_0 = attempt(use.run, use.tries)
        end
        local ours = ____temp_0
        return ours ~= nil and wentToIp(use.peer, ours) and ours or nil
    end
    local last = attempt(use.run, 0)
    return last ~= nil and destination(use) == "peer" and last or nil
end
--- Whether nginx sent the request to the peer, or tried to; true when that cannot be told.
function ____exports.wasTried(use)
    if not use.isByAddress then
        return use.tries > 0
    end
    return ____exports.runsUntilNow() > use.run and destination(use) ~= "elsewhere"
end
return ____exports

local ____exports = {}
local balanceKept, keepConnection, mayGoOn, askAgain, giveUp, REQUESTS_OF_CONNECTION, WITH_RETRY
local ____ngx_2Ebalancer = require("ngx.balancer")
local enable_keepalive = ____ngx_2Ebalancer.enable_keepalive
local set_current_peer = ____ngx_2Ebalancer.set_current_peer
local set_more_tries = ____ngx_2Ebalancer.set_more_tries
local ____first_try = require("signpost.balance.first_try")
local triesLeft = ____first_try.triesLeft
local ____outcome = require("signpost.balance.outcome")
local report = ____outcome.report
local ____assignment = require("signpost.request.assignment")
local currentAssignment = ____assignment.currentAssignment
local NO_RUN = ____assignment.NO_RUN
local ____balance = require("signpost.request.balance")
local balanceRequest = ____balance.balanceRequest
local NO_LIVE_UPSTREAM = ____balance.NO_LIVE_UPSTREAM
local ____clone = require("signpost.request.clone")
local beginClone = ____clone.beginClone
local ____nginx_request = require("signpost.request.nginx_request")
local nginxRequest = ____nginx_request.nginxRequest
local ____nginx_tries = require("signpost.request.nginx_tries")
local nginxTries = ____nginx_tries.nginxTries
local ____tries = require("signpost.request.tries")
local outcomeOfTry = ____tries.outcomeOfTry
local ____upstream_block = require("signpost.request.upstream_block")
local mayReuse = ____upstream_block.mayReuse
function balanceKept(health, partsOfRequest, idleSeconds)
    local assignment = currentAssignment() or beginClone(partsOfRequest)
    if assignment == nil or assignment.isByAddress or not mayReuse(assignment.pool.options.reuse, nginxRequest) then
        balanceRequest(health, partsOfRequest)
        return
    end
    local isFirst = assignment.tries == 0
    if assignment.tries == 1 and not mayGoOn(assignment, health) then
        return
    end
    balanceRequest(health, partsOfRequest)
    if isFirst then
        keepConnection(idleSeconds)
    end
end
--- Overrides the number of tries: the pool's other tries are added once the outcome of this one is known.
function keepConnection(idleSeconds)
    -- dropped: nginx's own limit is lower
    set_more_tries(WITH_RETRY)
    if enable_keepalive ~= nil then
        -- dropped: there is no peer, which the log says already
        enable_keepalive(idleSeconds, REQUESTS_OF_CONNECTION)
    end
end
--- Gives the tries that are left after the first one, or ends the request. @returns whether there is another try
function mayGoOn(assignment, health)
    local outcome = outcomeOfTry(assignment, nginxTries)
    local left = triesLeft(assignment.pool.tries, outcome)
    if left > 1 then
        -- dropped: nginx's own limit is lower
        set_more_tries(left - 1)
    end
    if left > 0 then
        return true
    end
    if outcome == nil then
        ngx.exit(NO_LIVE_UPSTREAM)
        return false
    end
    report(assignment.pool, assignment, outcome, health)
    if outcome.isAnswered then
        askAgain(assignment)
    else
        giveUp(assignment, outcome)
    end
    return false
end
--- nginx has dropped the answer because of its status (`proxy_next_upstream http_503`): it expects another try. It
-- passes on only the answer to the last try. No other peer may be asked for that, so the same peer is asked again.
function askAgain(assignment)
    assignment.as = "anyway"
    assignment.tries = assignment.tries + 1
    -- dropped: it was set before
    set_current_peer(assignment.peer.host, assignment.peer.port)
end
--- Ends the request as if nginx had not asked for another try: with the status of its try, or an old page from the
-- cache.
function giveUp(assignment, outcome)
    assignment.run = NO_RUN
    ngx.exit(ngx.var.upstream_cache_status == "EXPIRED" and NO_LIVE_UPSTREAM or outcome.status)
end
REQUESTS_OF_CONNECTION = 100000
WITH_RETRY = 2
--- Makes the balancer phase for an nginx that takes back the retry after a closed connection (`isRetryTakenBack`).
-- There, these requests go to the block that keeps no connections (`signpost_fresh`). ngx_lua keeps them instead, and
-- only a first try takes a kept one.
-- 
-- Invariant: a request is tried as often as its pool says, and once more if the first try met a connection that the
-- backend had closed. This ends, because every further try goes over a new connection.
-- 
-- @param idleSeconds how long an idle connection is kept
function ____exports.balancerOfKept(idleSeconds)
    return function(health, partsOfRequest)
        balanceKept(health, partsOfRequest, idleSeconds)
    end
end
return ____exports

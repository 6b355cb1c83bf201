local ____exports = {}
local balanceKept, keepConnection, mayGoOn, askAgain, giveUp, REQUESTS_OF_CONNECTION, WITH_RETRY
local ____ngx_2Ebalancer = require("ngx.balancer")
local enable_keepalive = ____ngx_2Ebalancer.enable_keepalive
local set_current_peer = ____ngx_2Ebalancer.set_current_peer
local set_more_tries = ____ngx_2Ebalancer.set_more_tries
local ____first_try = require("signpost.upstream.first_try")
local triesLeft = ____first_try.triesLeft
local ____outcome = require("signpost.upstream.outcome")
local report = ____outcome.report
local ____balance_request = require("signpost.phases.balance_request")
local balanceRequest = ____balance_request.balanceRequest
local NO_LIVE_UPSTREAM = ____balance_request.NO_LIVE_UPSTREAM
local ____clone = require("signpost.phases.clone")
local beginClone = ____clone.beginClone
local ____tries = require("signpost.phases.tries")
local outcomeOfTry = ____tries.outcomeOfTry
local ____upstream_block = require("signpost.phases.upstream_block")
local mayReuse = ____upstream_block.mayReuse
local ____use = require("signpost.phases.use")
local inUse = ____use.inUse
local NO_RUN = ____use.NO_RUN
function balanceKept(health, partsOfRequest, idleSeconds)
    local use = inUse() or beginClone(partsOfRequest)
    if use == nil or use.isByAddress or not mayReuse(use.pool.options.reuse) then
        balanceRequest(health, partsOfRequest)
        return
    end
    local isFirst = use.tries == 0
    if use.tries == 1 and not mayGoOn(use, health) then
        return
    end
    balanceRequest(health, partsOfRequest)
    if isFirst then
        keepConnection(idleSeconds)
    end
end
function keepConnection(idleSeconds)
    set_more_tries(WITH_RETRY)
    if enable_keepalive ~= nil then
        enable_keepalive(idleSeconds, REQUESTS_OF_CONNECTION)
    end
end
function mayGoOn(use, health)
    local outcome = outcomeOfTry(use)
    local left = triesLeft(use.pool.tries, outcome)
    if left > 1 then
        set_more_tries(left - 1)
    end
    if left > 0 then
        return true
    end
    if outcome == nil then
        ngx.exit(NO_LIVE_UPSTREAM)
        return false
    end
    report(use.pool, use, outcome, health)
    if outcome.isAnswered then
        askAgain(use)
    else
        giveUp(use, outcome)
    end
    return false
end
function askAgain(use)
    use.as = "anyway"
    use.tries = use.tries + 1
    set_current_peer(use.peer.host, use.peer.port)
end
function giveUp(use, outcome)
    use.run = NO_RUN
    ngx.exit(ngx.var.upstream_cache_status == "EXPIRED" and NO_LIVE_UPSTREAM or outcome.status)
end
REQUESTS_OF_CONNECTION = 100000
WITH_RETRY = 2
--- Makes the balancer phase for an nginx that takes back the retry after a closed connection (`isRetryTakenBack`). There, the
-- block of these requests keeps no connections (`signpost_fresh`). ngx_lua does, and only a first try takes one of them.
-- 
-- Invariant: a request is tried as often as its pool says, and once more if the first try met a connection that the backend
-- had closed. This ends, because every further try goes over a new connection.
-- 
-- @param idleSeconds how long an idle connection is kept
function ____exports.balancerOfKept(idleSeconds)
    return function(health, partsOfRequest)
        balanceKept(health, partsOfRequest, idleSeconds)
    end
end
return ____exports

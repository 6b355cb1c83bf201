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
local inUse = ____assignment.inUse
local NO_RUN = ____assignment.NO_RUN
local ____balance = require("signpost.request.balance")
local balanceRequest = ____balance.balanceRequest
local NO_LIVE_UPSTREAM = ____balance.NO_LIVE_UPSTREAM
local ____clone = require("signpost.request.clone")
local beginClone = ____clone.beginClone
local ____tries = require("signpost.request.tries")
local outcomeOfTry = ____tries.outcomeOfTry
local ____upstream_block = require("signpost.request.upstream_block")
local mayReuse = ____upstream_block.mayReuse
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
--- Sets the tries anew: the rest of the pool's are given when it is known what became of this one.
function keepConnection(idleSeconds)
    -- dropped: nginx's own limit is lower
    set_more_tries(WITH_RETRY)
    if enable_keepalive ~= nil then
        -- dropped: there is no peer, which the log says already
        enable_keepalive(idleSeconds, REQUESTS_OF_CONNECTION)
    end
end
--- Gives the tries that are left after the first one, or says how the request ends.
function mayGoOn(use, health)
    local outcome = outcomeOfTry(use)
    local left = triesLeft(use.pool.tries, outcome)
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
    report(use.pool, use, outcome, health)
    if outcome.isAnswered then
        askAgain(use)
    else
        giveUp(use, outcome)
    end
    return false
end
--- nginx has dropped the answer for its status (`proxy_next_upstream http_503`), because there is another try. It hands on
-- the answer to the last one. There is no other peer for that.
function askAgain(use)
    use.as = "anyway"
    use.tries = use.tries + 1
    -- dropped: it was set before
    set_current_peer(use.peer.host, use.peer.port)
end
--- The request ends as if nginx had not asked: with the status of its try, or an old page from the cache.
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

local ____exports = {}
local refuseUnknown, refuseTry, prepare, takeAnother, seconds
local ____ngx_2Ebalancer = require("ngx.balancer")
local set_current_peer = ____ngx_2Ebalancer.set_current_peer
local set_more_tries = ____ngx_2Ebalancer.set_more_tries
local set_timeouts = ____ngx_2Ebalancer.set_timeouts
local ____log = require("signpost.platform.log")
local log = ____log.log
local ____choose = require("signpost.balance.choose")
local chooseCarefully = ____choose.chooseCarefully
local letGo = ____choose.letGo
local ____outcome = require("signpost.balance.outcome")
local mayBeStale = ____outcome.mayBeStale
local report = ____outcome.report
local ____clone = require("signpost.request.clone")
local beginClone = ____clone.beginClone
local withoutTrial = ____clone.withoutTrial
local ____nginx_tries = require("signpost.request.nginx_tries")
local nginxTries = ____nginx_tries.nginxTries
local ____tries = require("signpost.request.tries")
local outcomeOfTry = ____tries.outcomeOfTry
local ____assignment = require("signpost.request.assignment")
local currentAssignment = ____assignment.currentAssignment
local mainRequest = ____assignment.mainRequest
local NO_PEERS = ____assignment.NO_PEERS
local NO_RUN = ____assignment.NO_RUN
function refuseUnknown()
    if mainRequest() == "" then
        log.error("this location has the upstream block, but not signpost.location.conf")
        ngx.exit(500)
    else
        refuseTry()
    end
end
--- Ends the try explicitly: ngx_lua from 0.10.27 on answers 500 for a balancer that sets no peer.
function refuseTry()
    ngx.exit(____exports.NO_LIVE_UPSTREAM)
end
--- Gives the request its tries and timeouts. The block has a single server, so it adds no try of its own.
function prepare(assignment)
    local ____assignment_pool_0 = assignment.pool
    local only = ____assignment_pool_0.only
    local isPlain = ____assignment_pool_0.isPlain
    local options = ____assignment_pool_0.options
    local tries = ____assignment_pool_0.tries
    if only == nil then
        -- dropped: it says that nginx's own limit is lower
        set_more_tries(tries)
    end
    if not isPlain then
        -- dropped: they are in range
        set_timeouts(
            seconds(options.connectTimeout),
            nil,
            seconds(options.readTimeout)
        )
    end
end
--- Assigns another peer for the next try, never the same one twice while there is another. A peer that may only have
-- closed a kept connection has not failed: when no other is left, it is tried again. This ends, because nginx asks
-- again only if tries are left or the connection was a kept one, and every try uses up one or the other.
--
-- @returns false if no peer is left
function takeAnother(assignment, health)
    local ____assignment_1 = assignment
    local pool = ____assignment_1.pool
    local peer = ____assignment_1.peer
    local key = ____assignment_1.key
    if assignment.tried == NO_PEERS then
        local ____temp_2 = {{}, {}}
        assignment.tried = ____temp_2[1]
        assignment.failed = ____temp_2[2]
    end
    local ____assignment_3 = assignment
    local tried = ____assignment_3.tried
    local failed = ____assignment_3.failed
    tried[peer.name] = true
    local outcome = outcomeOfTry(assignment, nginxTries)
    if outcome ~= nil then
        report(pool, assignment, outcome, health)
    end
    if outcome == nil or not mayBeStale(outcome) then
        failed[peer.name] = true
    end
    local next = chooseCarefully(pool, health, key, tried) or chooseCarefully(pool, health, key, failed)
    if next == nil then
        return false
    end
    local choice = assignment.isCounted and next or withoutTrial(next, health)
    letGo(pool, assignment.isCounted and peer or next.peer, true)
    local ____temp_4 = {choice.peer, choice.as}
    assignment.peer = ____temp_4[1]
    assignment.as = ____temp_4[2]
    return true
end
function seconds(milliseconds)
    return milliseconds ~= nil and milliseconds / 1000 or nil
end
--- The balancer phase. Hands nginx the peer that the rewrite phase has chosen, or another one after a failure.
-- 
-- nginx decides whether there is another try (`proxy_next_upstream`): not after the last one, not for a request that
-- was sent and is not idempotent, and not for one whose body was streamed.
function ____exports.balanceRequest(health, partsOfRequest)
    local assignment = currentAssignment() or beginClone(partsOfRequest)
    if assignment == nil then
        refuseUnknown()
        return
    end
    if assignment.isByAddress then
        -- A subrequest has changed the variables that it shares with this request. The block's connections are not for
        -- this peer.
        refuseTry()
        return
    end
    if assignment.tries == 0 then
        prepare(assignment)
    elseif not takeAnother(assignment, health) then
        assignment.run = NO_RUN
        refuseTry()
        return
    end
    assignment.tries = assignment.tries + 1
    local ____, err = set_current_peer(assignment.peer.host, assignment.peer.port)
    if err ~= nil then
        log.error((assignment.peer.name .. ": ") .. err)
    end
end
--- NGX_BUSY: the balancer has no peer. nginx answers 502 and does not ask again.
____exports.NO_LIVE_UPSTREAM = -3
return ____exports

local ____exports = {}
local TIMED_OUT
local ____option_values = require("signpost.format.option_values")
local hasStatus = ____option_values.hasStatus
--- Whether the try counts against the peer, by the pool's `fail_on`. A connection that cannot be made in time is both a
-- failed connection and a timeout. One that was made and broke before an answer is neither: it may be a kept connection
-- that a healthy backend has just closed for being idle.
function ____exports.isFailure(pool, outcome)
    local ____pool_options_failOn_1 = pool.options.failOn
    local connect = ____pool_options_failOn_1.connect
    local timeout = ____pool_options_failOn_1.timeout
    local statuses = ____pool_options_failOn_1.statuses
    if outcome.isAnswered then
        return hasStatus(statuses, outcome.status)
    end
    local isTimeout = timeout and outcome.status == TIMED_OUT
    return isTimeout or connect and not outcome.isConnected
end
TIMED_OUT = 504
--- Tells health what became of a try. Must be called for every trial, else nobody else may try the peer for a while.
function ____exports.report(pool, choice, outcome, health)
    local ____choice_peer_0 = choice.peer
    local healthKey = ____choice_peer_0.healthKey
    local isBad = ____exports.isFailure(pool, outcome)
    if choice.as ~= "up" and outcome.isAnswered and not isBad then
        health.succeeded(healthKey)
    elseif choice.as == "trial" then
        -- Even if it does not count as a failure: without an answer, nothing says that the peer is well.
        health.trialFailed(healthKey, pool.rules)
    elseif isBad then
        health.failed(healthKey, pool.rules)
    end
end
--- Whether all that may have happened is that a healthy peer has closed a kept connection.
function ____exports.mayBeStale(____bindingPattern0)
    local status
    local isAnswered
    local isConnected
    isConnected = ____bindingPattern0.isConnected
    isAnswered = ____bindingPattern0.isAnswered
    status = ____bindingPattern0.status
    return isConnected and not isAnswered and status ~= TIMED_OUT
end
return ____exports

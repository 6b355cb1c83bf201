local ____exports = {}
local TIMED_OUT
local ____option_values = require("signpost.format.option_values")
local hasStatus = ____option_values.hasStatus
--- Whether a try counts against the peer, by the pool's `fail_on`. A connection that is not made in time is both a
-- failed connection and a timeout. A connection that breaks before an answer is neither: it may be a kept one that a
-- healthy backend has just closed because it was idle.
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
--- Reports the outcome of a try to health. A trial must be reported: until then no other request may try the peer.
function ____exports.report(pool, choice, outcome, health)
    local ____choice_peer_0 = choice.peer
    local healthKey = ____choice_peer_0.healthKey
    local isBad = ____exports.isFailure(pool, outcome)
    if choice.as ~= "up" and outcome.isAnswered and not isBad then
        health.succeeded(healthKey)
    elseif choice.as == "trial" then
        -- Even if it does not count as a failure: without an answer, nothing shows that the peer is well.
        health.trialFailed(healthKey, pool.rules)
    elseif isBad then
        health.failed(healthKey, pool.rules)
    end
end
--- Whether the cause may be no more than a kept connection that a healthy peer has closed.
function ____exports.mayBeStale(outcome)
    return outcome.isConnected and not outcome.isAnswered and outcome.status ~= TIMED_OUT
end
return ____exports

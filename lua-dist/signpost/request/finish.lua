local ____exports = {}
local ____outcome = require("signpost.balance.outcome")
local report = ____outcome.report
local ____assignment = require("signpost.request.assignment")
local release = ____assignment.release
local releaseSubrequests = ____assignment.releaseSubrequests
local ____nginx_tries = require("signpost.request.nginx_tries")
local nginxTries = ____nginx_tries.nginxTries
local ____tries = require("signpost.request.tries")
local outcomeOf = ____tries.outcomeOf
--- Reports the last try of an assignment that has ended, with the request or by an internal redirect.
function ____exports.conclude(assignment, health)
    local outcome = outcomeOf(assignment, nginxTries)
    if outcome ~= nil then
        report(assignment.pool, assignment, outcome, health)
    elseif assignment.as == "trial" then
        -- The request never reached the peer: it was refused for another reason, such as a missing password, or its client
        -- left.
        health.trialUnused(assignment.peer.healthKey)
    end
end
--- The log phase. Reports the outcome of the request's last try; the balancer has reported the earlier ones.
-- 
-- Fast path: for a peer that was up, only a status of 500 or more is examined.
function ____exports.logRequest(health)
    local assignment = release()
    if assignment ~= nil and (assignment.as ~= "up" or ngx.status >= 500) then
        ____exports.conclude(assignment, health)
    end
    releaseSubrequests(health)
end
return ____exports

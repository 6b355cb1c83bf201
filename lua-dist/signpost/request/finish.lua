local ____exports = {}
local ____outcome = require("signpost.balance.outcome")
local report = ____outcome.report
local ____tries = require("signpost.request.tries")
local outcomeOf = ____tries.outcomeOf
local ____assignment = require("signpost.request.assignment")
local release = ____assignment.release
local releaseSubrequests = ____assignment.releaseSubrequests
--- Says what became of the last try of a use that is over: of the request, or of its part before an internal redirect.
function ____exports.conclude(use, health)
    local outcome = outcomeOf(use)
    if outcome ~= nil then
        report(use.pool, use, outcome, health)
    elseif use.as == "trial" then
        -- It was refused for another reason, such as a missing password, or its client went away.
        health.trialUnused(use.peer.healthKey)
    end
end
--- Says what became of the request's last try; the balancer has said it of those before.
-- 
-- No news is good news: of a peer that was up, only what looks like a failure is looked at.
function ____exports.logRequest(health)
    local use = release()
    if use ~= nil and (use.as ~= "up" or ngx.status >= 500) then
        ____exports.conclude(use, health)
    end
    releaseSubrequests(health)
end
return ____exports

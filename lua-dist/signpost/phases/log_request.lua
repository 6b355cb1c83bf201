local ____exports = {}
local conclude
local ____outcome = require("signpost.upstream.outcome")
local report = ____outcome.report
local ____tries = require("signpost.phases.tries")
local outcomeOf = ____tries.outcomeOf
local ____use = require("signpost.phases.use")
local release = ____use.release
function conclude(use, health)
    local outcome = outcomeOf(use)
    if outcome ~= nil then
        report(use.pool, use, outcome, health)
    elseif use.as == "trial" then
        health.trialUnused(use.peer.name)
    end
end
--- Says what became of the request's last try; the balancer has said it of those before.
-- 
-- No news is good news: of a peer that was up, only what looks like a failure is looked at.
function ____exports.logRequest(health)
    local use = release()
    if use ~= nil and (use.as ~= "up" or ngx.status >= 500) then
        conclude(use, health)
    end
end
--- Ends what a request used before an internal redirect has brought it to us again.
-- 
-- @returns how many uses it has had
function ____exports.endRedirected(health)
    local use = release()
    if use == nil then
        return 0
    end
    conclude(use, health)
    return use.redirects + 1
end
return ____exports

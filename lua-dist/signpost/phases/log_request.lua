local ____exports = {}
local ____outcome = require("signpost.upstream.outcome")
local report = ____outcome.report
local ____tries = require("signpost.phases.tries")
local outcomeOfLastTry = ____tries.outcomeOfLastTry
local ____use = require("signpost.phases.use")
local release = ____use.release
--- Says what became of the request's last try; the balancer has said it of those before.
-- 
-- No news is good news: of a peer that was up, only what looks like a failure is looked at.
function ____exports.logRequest(health)
    local use = release()
    if use == nil or use.as == "up" and ngx.status < 500 then
        return
    end
    local outcome = outcomeOfLastTry()
    if outcome ~= nil then
        report(use.pool, use, outcome, health)
    end
end
return ____exports

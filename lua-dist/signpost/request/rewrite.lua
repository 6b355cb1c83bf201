local ____exports = {}
local ____act = require("signpost.request.act")
local act = ____act.act
local ____answer = require("signpost.request.answer")
local answerFailure = ____answer.answerFailure
local answerHere = ____answer.answerHere
local ____assignment = require("signpost.request.assignment")
local assign = ____assignment.assign
local requestId = ____assignment.requestId
local ____begin_run = require("signpost.request.begin_run")
local beginRun = ____begin_run.beginRun
local ____decide = require("signpost.request.decide")
local decide = ____decide.decide
local ____decision = require("signpost.request.decision")
local newDraft = ____decision.newDraft
local ____nginx_request = require("signpost.request.nginx_request")
local nginxRequest = ____nginx_request.nginxRequest
--- The table of the last decision. Absent while a request that waits for Redis uses it: the next request then makes
-- another.
local spare
--- Sends the request where its host's route says, or answers it here.
function ____exports.rewriteRequest(parts)
    local id = requestId()
    local run, main = beginRun(id, parts)
    local host = ngx.var.host or ""
    local draft = spare or newDraft()
    spare = nil
    local decision = decide(parts, nginxRequest, host, draft)
    -- Nothing below yields: no other request writes to the table before this one has acted on it.
    spare = draft
    act(parts, host, decision)
    if decision.kind == "send" then
        assign(id, decision, run, main)
    elseif decision.kind == "refuse" then
        answerFailure(decision.word, parts.refusals)
    else
        answerHere(decision.status, decision.location)
    end
end
return ____exports

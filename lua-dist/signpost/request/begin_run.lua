local ____exports = {}
local resetVariables
local ____assignment = require("signpost.request.assignment")
local earlierAssignment = ____assignment.earlierAssignment
local mainRequest = ____assignment.mainRequest
local release = ____assignment.release
local ____attempts = require("signpost.request.attempts")
local countRuns = ____attempts.countRuns
local ____finish = require("signpost.request.finish")
local conclude = ____finish.conclude
--- Resets the variables: after an internal redirect they still have the values of the run before, and a subrequest
-- shares them with its main request.
function resetVariables()
    ngx.var.signpost_scheme = "http"
    ngx.var.signpost_host = ngx.var.http_host or ""
    ngx.var.signpost_route = ngx.var.host or ""
    ngx.var.signpost_pool = ""
    ngx.var.signpost_cache = "memory"
end
--- Begins a run of `proxy_pass`: ends the request's assignment from before an internal redirect.
-- 
-- @param id the request's; see `requestId`
-- @returns the run's index in nginx's lists, and the main request of a subrequest; see `Assignment`
function ____exports.beginRun(id, parts)
    local isInternal = ngx.req.is_internal()
    local main = isInternal and mainRequest() or ""
    local before = earlierAssignment(id, isInternal, main, parts)
    if before ~= nil then
        -- Before the report: a turn that was given back may be taken again at once.
        release()
        conclude(before, parts.health)
    end
    if before ~= nil or main ~= "" then
        resetVariables()
    end
    return isInternal and countRuns(ngx.var.upstream_status) or 0, main
end
return ____exports

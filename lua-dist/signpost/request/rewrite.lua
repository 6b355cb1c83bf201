local ____exports = {}
local beginRun, resetVariables, describe, describePool, send, goTo
local ____answer = require("signpost.request.answer")
local answerFailure = ____answer.answerFailure
local answerHere = ____answer.answerHere
local ____assignment = require("signpost.request.assignment")
local assign = ____assignment.assign
local earlierAssignment = ____assignment.earlierAssignment
local FIRST_RUN = ____assignment.FIRST_RUN
local mainRequest = ____assignment.mainRequest
local release = ____assignment.release
local requestId = ____assignment.requestId
local ____cdn_loop_header = require("signpost.request.cdn_loop_header")
local sendHop = ____cdn_loop_header.sendHop
local ____decide = require("signpost.request.decide")
local decide = ____decide.decide
local newDraft = ____decide.newDraft
local ____finish = require("signpost.request.finish")
local conclude = ____finish.conclude
local ____hash_key = require("signpost.request.hash_key")
local cookieName = ____hash_key.cookieName
local ____host_header = require("signpost.request.host_header")
local correctHost = ____host_header.correctHost
local ____issued_cookie = require("signpost.request.issued_cookie")
local giveCookie = ____issued_cookie.giveCookie
local ____nginx_request = require("signpost.request.nginx_request")
local nginxRequest = ____nginx_request.nginxRequest
local ____snippet_versions = require("signpost.request.snippet_versions")
local hasOwnUpstream = ____snippet_versions.hasOwnUpstream
local ____attempts = require("signpost.request.attempts")
local countRuns = ____attempts.countRuns
local ____upstream_block = require("signpost.request.upstream_block")
local withOldBlock = ____upstream_block.withOldBlock
--- Ends what was assigned to the request before an internal redirect.
function beginRun(id, health)
    local isInternal = ngx.req.is_internal()
    local main = isInternal and mainRequest() or ""
    local before = earlierAssignment(id, isInternal, main, health)
    if before ~= nil then
        -- Before the report: a turn that was given back may be taken again at once.
        release()
        conclude(before, health)
    end
    if before ~= nil or main ~= "" then
        resetVariables()
    end
    return isInternal and ({
        run = countRuns(ngx.var.upstream_status),
        main = main
    }) or FIRST_RUN
end
--- After an internal redirect the variables are as the request has left them; and a subrequest shares them with its main
-- request.
function resetVariables()
    ngx.var.signpost_scheme = "http"
    ngx.var.signpost_host = ngx.var.http_host or ""
    ngx.var.signpost_route = ngx.var.host or ""
    ngx.var.signpost_pool = ""
    ngx.var.signpost_cache = "memory"
end
--- Tells nginx's variables what was decided, whatever that is.
--
-- The http snippet gives them what most requests need (http, from memory, matched by its own name), because each
-- assignment costs as much as the look-up: only what differs is assigned.
function describe(parts, host, decision)
    local ____decision_0 = decision
    local route = ____decision_0.route
    local level = ____decision_0.level
    local poolName = ____decision_0.poolName
    local pool = ____decision_0.pool
    if ngx.var.http_host ~= host then
        correctHost(host)
    end
    if level ~= "memory" then
        parts.checkSnippets()
        ngx.var.signpost_cache = level
    end
    if route ~= host and route ~= "" then
        ngx.var.signpost_route = route
    end
    if poolName ~= "" then
        ngx.var.signpost_pool = poolName
        if pool ~= nil then
            parts.used(poolName, pool)
        end
    end
    if (pool and pool.isPlain) == false then
        describePool(pool, decision.cookie)
    end
end
--- Sets what a pool's options ask for: a Host, and the client's cookie.
function describePool(pool, cookie)
    local ____pool_options_3 = pool.options
    local host = ____pool_options_3.host
    local hashOn = ____pool_options_3.hashOn
    if host ~= nil then
        ngx.var.signpost_host = host
    end
    if cookie ~= "" and hashOn ~= nil then
        giveCookie(
            cookieName(hashOn.variable),
            cookie
        )
    end
end
function send(decision)
    sendHop(decision.hop)
    if decision.isByAddress and decision.peer.scheme == "https" then
        ngx.var.signpost_scheme = "https"
    end
    goTo(decision.upstream)
end
--- Says where `proxy_pass` goes. It takes a target at the end for its URI, in the snippets and in locations of the user's own.
--
-- The shipped `proxy_pass` has a variable that no other location sets: `$upstream` is a name that users set for themselves,
-- and a subrequest (`auth_request`) shares its variables with the request.
function goTo(upstream)
    if hasOwnUpstream() then
        ngx.var.signpost_upstream = upstream
        ngx.var.upstream = upstream
    else
        ngx.var.upstream = withOldBlock(upstream)
    end
end
--- The table of the last decision. Absent while a request waits for Redis with it: the next one then makes another.
local spare
--- Sends the request where its host's route says, or answers it here.
function ____exports.rewriteRequest(parts)
    local id = requestId()
    local proxyRun = beginRun(id, parts.health)
    local host = ngx.var.host or ""
    local draft = spare or newDraft()
    spare = nil
    local decision = decide(parts, nginxRequest, host, draft)
    -- Nothing below yields: no other request writes to the table before this one has acted on it.
    spare = draft
    describe(parts, host, decision)
    if decision.kind == "send" then
        send(decision)
        assign(id, decision, proxyRun)
    elseif decision.kind == "refuse" then
        answerFailure(decision.word, parts.refusals)
    else
        answerHere(decision.status, decision.location)
    end
end
return ____exports

local ____exports = {}
local correctHost, authorityOfTarget, follow, answerHere, refuse
local ____result = require("signpost.result")
local FAILURES = ____result.FAILURES
local ____plan = require("signpost.routing.plan")
local nextHop = ____plan.nextHop
function correctHost(host)
    local withoutPort = string.gsub(
        string.lower(ngx.var.http_host or ""),
        ":%d*$",
        ""
    )
    local named = string.gsub(withoutPort, "%.$", "")
    if named ~= host or named == "" then
        ngx.var.signpost_host = authorityOfTarget() or (host == "" and (ngx.var.server_addr or "") or host)
    end
end
function authorityOfTarget()
    local authority = string.match(ngx.var.request or "", "^[^ ]+ +[^:/ ]+://([^/?# ]+)")
    return authority
end
function follow(plan, retryAfter)
    if plan.kind == "proxy" then
        local hop = nextHop(plan)
        ngx.var.upstream = hop.upstream
        if hop.scheme ~= "http" then
            ngx.var.signpost_scheme = hop.scheme
        end
    elseif plan.kind == "fail" then
        refuse(plan.word, retryAfter)
    else
        answerHere(plan)
    end
end
function answerHere(plan)
    if plan.url == nil then
        ngx.exit(plan.status)
    else
        ngx.redirect(plan.appendRequestUri and plan.url .. (ngx.var.request_uri or "/") or plan.url, plan.status)
    end
end
function refuse(word, retryAfter)
    local ____FAILURES_word_0 = FAILURES[word]
    local status = ____FAILURES_word_0.status
    local body = ____FAILURES_word_0.body
    local retry = ____FAILURES_word_0.retry
    ngx.var.signpost_error = word
    if word == "no_route" then
        ngx.var.signpost_route = ""
    end
    if retry then
        ngx.header["Retry-After"] = retryAfter
    end
    ngx.req.discard_body()
    ngx.status = status
    ngx.header["Content-Type"] = "text/plain"
    ngx.header["Content-Length"] = #body
    ngx.print(body)
    ngx.exit(ngx.OK)
end
--- Sends the request where its host's route says, or answers it here.
-- 
-- The location snippet presets the variables to what the common case wants (http, from memory, matched by its own name),
-- because each assignment costs as much as the look-up: only what differs is assigned.
function ____exports.rewriteRequest(parts)
    local host = ngx.var.host or ""
    if ngx.var.http_host ~= host then
        correctHost(host)
    end
    local answer, err, level = parts.lookUp(host)
    if level ~= "memory" then
        ngx.var.signpost_cache = level
    end
    if err ~= nil then
        refuse(err, parts.retryAfter)
        return
    end
    if answer.name ~= host then
        ngx.var.signpost_route = answer.name
    end
    follow(answer.plan, parts.retryAfter)
end
--- Answers 500: nginx's configuration calls the rewrite phase, but not both `init` and `init_worker`.
function ____exports.refuseUnready()
    ngx.log(ngx.ERR, "signpost: init and init_worker have not been called in init_by_lua and init_worker_by_lua")
    ngx.exit(500)
end
return ____exports

local ____exports = {}
local correctHost, authorityOfTarget, follow, followPool, wordOf, send, prepare, choose, answerHere, refuse, PRESET_BLOCK, NONE_TRIED
local ____result = require("signpost.result")
local FAILURES = ____result.FAILURES
local ____plan = require("signpost.routing.plan")
local planFor = ____plan.planFor
local ____choose = require("signpost.upstream.choose")
local chooseCarefully = ____choose.chooseCarefully
local chooseUp = ____choose.chooseUp
local ____hash_key = require("signpost.phases.hash_key")
local hashKey = ____hash_key.hashKey
local ____use = require("signpost.phases.use")
local use = ____use.use
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
function follow(parts, plan, clock)
    if plan.kind == "proxy" then
        send(parts, plan.pool, clock)
    elseif plan.kind == "pool" then
        followPool(parts, plan.name)
    elseif plan.kind == "fail" then
        refuse(plan.word, parts.retryAfter)
    else
        answerHere(plan)
    end
end
function followPool(parts, name)
    ngx.var.signpost_pool = name
    local answer, err = parts.lookUpPool(name)
    if err ~= nil then
        refuse(
            wordOf(err, "no_pool"),
            parts.retryAfter
        )
        return
    end
    local plan = answer.value
    if plan.kind == "proxy" then
        parts.used(name, plan.pool)
        send(parts, plan.pool, answer.clock)
    else
        refuse("bad_route", parts.retryAfter)
    end
end
function wordOf(err, notFound)
    return err == "not_found" and notFound or err
end
function send(parts, pool, clock)
    local key = pool.isPlain and 0 or prepare(pool.options)
    local choice = choose(parts.health, pool, key, clock)
    if choice == nil then
        refuse("no_peer_up", parts.retryAfter)
        return
    end
    local peer = choice.peer
    if pool.isPoolable and parts.block ~= "" then
        if parts.block ~= PRESET_BLOCK then
            ngx.var.upstream = parts.block
        end
    else
        ngx.var.upstream = peer.hostPort
        if peer.scheme ~= "http" then
            ngx.var.signpost_scheme = peer.scheme
        end
    end
    use(pool, key, choice)
end
function prepare(____bindingPattern0)
    local host
    local hashOn
    hashOn = ____bindingPattern0.hashOn
    host = ____bindingPattern0.host
    if host ~= nil then
        ngx.var.signpost_host = host
    end
    return hashOn == nil and 0 or hashKey(hashOn)
end
function choose(health, pool, key, clock)
    if not pool.areAllUp(clock) then
        return chooseCarefully(pool, health, key, NONE_TRIED)
    end
    local peer = chooseUp(pool, key)
    local ____temp_0
    if peer == nil then
        ____temp_0 = nil
    else
        ____temp_0 = {peer = peer, as = "up"}
    end
    return ____temp_0
end
function answerHere(plan)
    if plan.url == nil then
        ngx.exit(plan.status)
    else
        ngx.redirect(plan.appendRequestUri and plan.url .. (ngx.var.request_uri or "/") or plan.url, plan.status)
    end
end
function refuse(word, retryAfter)
    local ____FAILURES_word_1 = FAILURES[word]
    local status = ____FAILURES_word_1.status
    local body = ____FAILURES_word_1.body
    local retry = ____FAILURES_word_1.retry
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
PRESET_BLOCK = "signpost"
NONE_TRIED = {}
--- Sends the request where its host's route says, or answers it here.
-- 
-- The location snippet presets the variables to what the common case wants (http, the block, from memory, matched by its
-- own name), because each assignment costs as much as the look-up: only what differs is assigned.
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
        refuse(
            wordOf(err, "no_route"),
            parts.retryAfter
        )
        return
    end
    if answer.name ~= host then
        ngx.var.signpost_route = answer.name
    end
    local plan = answer.value
    follow(
        parts,
        plan.kind == "paths" and planFor(plan.paths, ngx.var.uri or "/") or plan,
        answer.clock
    )
end
--- Answers 500: nginx's configuration calls the rewrite phase, but not both `init` and `init_worker`.
function ____exports.refuseUnready()
    ngx.log(ngx.ERR, "signpost: init and init_worker have not been called in init_by_lua and init_worker_by_lua")
    ngx.exit(500)
end
return ____exports

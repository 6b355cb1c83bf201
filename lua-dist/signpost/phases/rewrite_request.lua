local ____exports = {}
local planOfPath, beginAgain, follow, followPool, wordOf, send, goTo, prepare, choose, BAD_PATH, isOwnDeclared
local ____names = require("signpost.routing.names")
local isHost = ____names.isHost
local ____path_readings = require("signpost.routing.path_readings")
local isAmbiguous = ____path_readings.isAmbiguous
local isSuspicious = ____path_readings.isSuspicious
local ____plan = require("signpost.routing.plan")
local planFor = ____plan.planFor
local ____choose = require("signpost.upstream.choose")
local chooseCarefully = ____choose.chooseCarefully
local chooseUp = ____choose.chooseUp
local ____answer_here = require("signpost.phases.answer_here")
local answerHere = ____answer_here.answerHere
local refuse = ____answer_here.refuse
local ____cdn_loop_header = require("signpost.phases.cdn_loop_header")
local addHop = ____cdn_loop_header.addHop
local ____hash_key = require("signpost.phases.hash_key")
local hashKey = ____hash_key.hashKey
local ____host_header = require("signpost.phases.host_header")
local correctHost = ____host_header.correctHost
local ____log_request = require("signpost.phases.log_request")
local conclude = ____log_request.conclude
local ____snippet_versions = require("signpost.phases.snippet_versions")
local hasOwnUpstream = ____snippet_versions.hasOwnUpstream
local isUnverified = ____snippet_versions.isUnverified
local ____use = require("signpost.phases.use")
local NONE = ____use.NONE
local release = ____use.release
local use = ____use.use
function planOfPath(paths)
    local uri = ngx.var.uri or "/"
    local target = ngx.var.request_uri or "/"
    local isSuspect = isSuspicious(target, true) or target ~= uri and isSuspicious(uri, false)
    if isSuspect and isAmbiguous(
        paths,
        uri,
        target,
        ngx.req.is_internal()
    ) then
        return BAD_PATH
    end
    return planFor(paths, uri)
end
function beginAgain(before, health)
    ngx.var.signpost_scheme = "http"
    ngx.var.signpost_host = ngx.var.http_host or ""
    ngx.var.signpost_forwarded_host = ngx.var.http_host or ""
    ngx.var.signpost_route = ngx.var.host or ""
    ngx.var.signpost_pool = ""
    ngx.var.signpost_cache = "memory"
    conclude(before, health)
    return before.redirects + 1
end
function follow(parts, plan, clock, redirects)
    if plan.kind == "proxy" then
        send(parts, plan, clock, redirects)
    elseif plan.kind == "pool" then
        followPool(parts, plan.name, redirects)
    elseif plan.kind == "fail" then
        refuse(plan.word, parts.refusals)
    else
        answerHere(plan)
    end
end
function followPool(parts, name, redirects)
    ngx.var.signpost_pool = name
    local answer, err = parts.lookUpPool(name)
    if err ~= nil then
        refuse(
            wordOf(err, "no_pool"),
            parts.refusals
        )
        return
    end
    local plan = answer.compiled.value
    if plan.kind == "proxy" then
        parts.used(name, plan)
        send(parts, plan, answer.clock, redirects)
    else
        refuse("bad_route", parts.refusals)
    end
end
function wordOf(err, notFound)
    return err == "not_found" and notFound or err
end
function send(parts, pool, clock, redirects)
    if not addHop(parts.nodeId) then
        refuse("loop", parts.refusals)
        return
    end
    local key = pool.isPlain and 0 or prepare(pool.options)
    local choice = choose(parts.health, pool, key, clock)
    if choice == nil then
        refuse("no_peer_up", parts.refusals)
        return
    end
    local peer = choice.peer
    if pool.isPoolable and parts.block ~= "" then
        goTo(parts.block)
    else
        if peer.scheme == "https" then
            if isUnverified() then
                refuse("bad_route", parts.refusals)
                return
            end
            ngx.var.signpost_scheme = "https"
        end
        goTo(peer.hostPort)
    end
    use(pool, key, choice, redirects)
end
function goTo(upstream)
    if isOwnDeclared == nil then
        isOwnDeclared = hasOwnUpstream()
    end
    if isOwnDeclared then
        ngx.var.signpost_upstream = upstream
    end
    ngx.var.upstream = upstream
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
        return chooseCarefully(pool, health, key, NONE)
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
--- Sends the request where its host's route says, or answers it here.
-- 
-- The http snippet gives the variables what the common case wants (http, from memory, matched by its own name), because
-- each assignment costs as much as the look-up: only what differs is assigned, and where the request goes.
function ____exports.rewriteRequest(parts)
    local before = release()
    local redirects = before == nil and 0 or beginAgain(before, parts.health)
    local host = ngx.var.host or ""
    if ngx.var.http_host ~= host then
        correctHost(host)
    end
    local answer, err, level = parts.lookUp(host)
    if level ~= "memory" then
        parts.checkSnippets()
        ngx.var.signpost_cache = level
    end
    if err ~= nil then
        refuse(
            wordOf(
                err,
                isHost(host) and "no_route" or "bad_host"
            ),
            parts.refusals
        )
        return
    end
    if answer.name ~= host then
        ngx.var.signpost_route = answer.name
    end
    local plan = answer.compiled.value
    follow(
        parts,
        plan.kind == "paths" and planOfPath(plan.paths) or plan,
        answer.clock,
        redirects
    )
end
BAD_PATH = {kind = "fail", word = "bad_path"}
return ____exports

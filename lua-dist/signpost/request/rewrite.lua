local ____exports = {}
local beginUse, resetVariables, follow, followWithRules, followPool, wordOf, send, goTo, goesTo, prepare, choose, BAD_PATH, isOwnDeclared
local ____names = require("signpost.routing.names")
local isHost = ____names.isHost
local ____path_readings = require("signpost.routing.path_readings")
local isAmbiguous = ____path_readings.isAmbiguous
local isSuspicious = ____path_readings.isSuspicious
local ____plan = require("signpost.routing.plan")
local planFor = ____plan.planFor
local ____replace_prefix = require("signpost.routing.replace_prefix")
local replacePrefix = ____replace_prefix.replacePrefix
local ____choose = require("signpost.balance.choose")
local chooseCarefully = ____choose.chooseCarefully
local chooseUp = ____choose.chooseUp
local ____answer = require("signpost.request.answer")
local answerHere = ____answer.answerHere
local leadsToItself = ____answer.leadsToItself
local redirectToHttps = ____answer.redirectToHttps
local refuse = ____answer.refuse
local ____cdn_loop_header = require("signpost.request.cdn_loop_header")
local addHop = ____cdn_loop_header.addHop
local ____hash_key = require("signpost.request.hash_key")
local hashKey = ____hash_key.hashKey
local ____host_header = require("signpost.request.host_header")
local correctHost = ____host_header.correctHost
local ____client_scheme = require("signpost.request.client_scheme")
local isHttps = ____client_scheme.isHttps
local ____finish = require("signpost.request.finish")
local conclude = ____finish.conclude
local ____snippet_versions = require("signpost.request.snippet_versions")
local hasOwnUpstream = ____snippet_versions.hasOwnUpstream
local isUnverified = ____snippet_versions.isUnverified
local ____tries = require("signpost.request.tries")
local runsUntilNow = ____tries.runsUntilNow
local ____upstream_block = require("signpost.request.upstream_block")
local blockFor = ____upstream_block.blockFor
local declaredBlock = ____upstream_block.declaredBlock
local ____assignment = require("signpost.request.assignment")
local AT_FIRST = ____assignment.AT_FIRST
local earlierUse = ____assignment.earlierUse
local mainRequest = ____assignment.mainRequest
local NONE = ____assignment.NONE
local release = ____assignment.release
local use = ____assignment.use
--- What a route says for the request's path, as long as there are no two ways to read that.
function ____exports.planOfPath(paths)
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
--- What the request used before is over. Both questions are cheap, and nothing else is asked of a request that comes here
-- first.
function beginUse(health)
    local isInternal = ngx.req.is_internal()
    local main = isInternal and mainRequest() or ""
    local before = earlierUse(isInternal, main, health)
    if before ~= nil then
        -- Given back first: what was never sent may be had again.
        release()
        conclude(before, health)
    end
    if before ~= nil or main ~= "" then
        resetVariables()
    end
    return isInternal and ({
        run = runsUntilNow(),
        main = main
    }) or AT_FIRST
end
--- An internal redirect has brought the request here again, with all the variables as they were left; and a subrequest shares
-- them with its main request.
function resetVariables()
    ngx.var.signpost_scheme = "http"
    ngx.var.signpost_host = ngx.var.http_host or ""
    ngx.var.signpost_route = ngx.var.host or ""
    ngx.var.signpost_pool = ""
    ngx.var.signpost_cache = "memory"
end
--- @param clock the change clock that the plan is valid for
function follow(parts, plan, clock, origin)
    if plan.kind == "proxy" then
        send(parts, plan, clock, origin)
    elseif plan.kind == "pool" then
        followPool(parts, plan.name, origin)
    elseif plan.kind == "fail" then
        refuse(plan.word, parts.refusals)
    elseif plan.kind == "with_rules" then
        followWithRules(parts, plan, clock, origin)
    elseif leadsToItself(plan) then
        refuse("loop", parts.refusals)
    else
        answerHere(plan)
    end
end
function followWithRules(parts, plan, clock, origin)
    local ____plan_0 = plan
    local path = ____plan_0.path
    local to = ____plan_0.to
    if plan.isHttpsOnly and not isHttps() then
        redirectToHttps()
        return
    end
    if path == nil then
        follow(parts, to, clock, origin)
        return
    end
    local target = replacePrefix(path, ngx.var.uri or "/", ngx.var.request_uri or "/", ngx.var.args or "")
    if target == nil then
        refuse("bad_path", parts.refusals)
        return
    end
    follow(parts, to, clock, origin)
    -- proxy_pass takes it for its URI: so it does in snippets, and in locations of the user's own, that know nothing of it.
    goTo(goesTo() .. target)
end
function followPool(parts, name, origin)
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
        send(parts, plan, answer.clock, origin)
    else
        refuse("bad_route", parts.refusals)
    end
end
function wordOf(err, notFound)
    return err == "not_found" and notFound or err
end
function send(parts, pool, clock, origin)
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
    local block = pool.isPlain and parts.block or blockFor(pool.options.reuse, parts.block)
    local isByAddress = not pool.isPoolable or block == ""
    if not isByAddress then
        goTo(block)
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
    use(
        pool,
        key,
        choice,
        isByAddress,
        origin
    )
end
--- Says where `proxy_pass` goes. The shipped one has a variable that no other location sets: `$upstream` is a name that
-- users set for themselves, and a subrequest (`auth_request`) shares its variables with the request.
function goTo(upstream)
    if isOwnDeclared == nil then
        isOwnDeclared = hasOwnUpstream()
    end
    if isOwnDeclared then
        ngx.var.signpost_upstream = upstream
        ngx.var.upstream = upstream
    else
        ngx.var.upstream = declaredBlock(upstream)
    end
end
--- @returns where `proxy_pass` goes.
function goesTo()
    return isOwnDeclared == true and ngx.var.signpost_upstream or ngx.var.upstream or ""
end
--- @returns what the request is hashed to.
function prepare(____bindingPattern0)
    local host
    local hashCookie
    local hashOn
    hashOn = ____bindingPattern0.hashOn
    hashCookie = ____bindingPattern0.hashCookie
    host = ____bindingPattern0.host
    if host ~= nil then
        ngx.var.signpost_host = host
    end
    return hashOn == nil and 0 or hashKey(hashOn, hashCookie == "issue")
end
--- While all are up, which is nearly always, none of them is asked after.
function choose(health, pool, key, clock)
    if not pool.areAllUp(clock) then
        return chooseCarefully(pool, health, key, NONE)
    end
    local peer = chooseUp(pool, key)
    local ____temp_1
    if peer == nil then
        ____temp_1 = nil
    else
        ____temp_1 = {peer = peer, as = "up"}
    end
    return ____temp_1
end
--- Sends the request where its host's route says, or answers it here.
-- 
-- The http snippet gives the variables what the common case wants (http, from memory, matched by its own name), because
-- each assignment costs as much as the look-up: only what differs is assigned, and where the request goes.
function ____exports.rewriteRequest(parts)
    local origin = beginUse(parts.health)
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
        plan.kind == "paths" and ____exports.planOfPath(plan.paths) or plan,
        answer.clock,
        origin
    )
end
BAD_PATH = {kind = "fail", word = "bad_path"}
return ____exports

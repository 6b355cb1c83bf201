--- The decision about a request: which backend it goes to, or how it is answered, and why.
--
-- It acts on the outside world only through its parameters: a `RequestReader` reads nginx, look-ups find routes and
-- pools, and the chooser counts the request for the peer that it gives.
local ____exports = {}
local planAt, follow, followPool, followRules, answerReturn, answer, wordOf
local ____names = require("signpost.routing.names")
local isHost = ____names.isHost
local ____path_entry = require("signpost.routing.path_entry")
local entryFor = ____path_entry.entryFor
local ____replace_prefix = require("signpost.routing.replace_prefix")
local replacePrefix = ____replace_prefix.replacePrefix
local ____decision = require("signpost.request.decision")
local refuse = ____decision.refuse
local ____redirect = require("signpost.request.redirect")
local httpsLocation = ____redirect.httpsLocation
local httpsStatus = ____redirect.httpsStatus
local leadsToItself = ____redirect.leadsToItself
local locationOf = ____redirect.locationOf
local ____send_to_pool = require("signpost.request.send_to_pool")
local sendToPool = ____send_to_pool.sendToPool
--- @returns what the route says for the request's path
function planAt(route, request, draft)
    if route.kind ~= "paths" then
        return route
    end
    local entry = entryFor(
        route.paths,
        request.uri(),
        request.target(),
        request.isInternal
    )
    draft.entry = entry
    return entry.to
end
--- @param clock the change clock that the plan is valid for
function follow(parts, request, plan, clock, draft)
    if plan.kind == "backends" then
        sendToPool(
            parts,
            request,
            plan,
            clock,
            draft
        )
    elseif plan.kind == "pool_ref" then
        followPool(parts, request, plan.name, draft)
    elseif plan.kind == "with_rules" then
        followRules(
            parts,
            request,
            plan,
            clock,
            draft
        )
    elseif plan.kind == "fail" then
        refuse(draft, plan.word)
    else
        answerReturn(request, plan, draft)
    end
end
function followPool(parts, request, name, draft)
    draft.poolName = name
    local found, err, ____, detail = parts.lookUpPool(name)
    if err ~= nil then
        refuse(
            draft,
            wordOf(err, "no_pool"),
            detail
        )
        return
    end
    local plan = found.compiled.value
    if plan.kind == "backends" then
        sendToPool(
            parts,
            request,
            plan,
            found.clock,
            draft
        )
    else
        refuse(draft, "bad_route")
    end
end
function followRules(parts, request, plan, clock, draft)
    local ____plan_0 = plan
    local path = ____plan_0.path
    local isHttpsOnly = ____plan_0.isHttpsOnly
    local to = ____plan_0.to
    if isHttpsOnly and request.scheme() ~= "https" then
        answer(
            draft,
            httpsStatus(request),
            httpsLocation(request)
        )
        return
    end
    if path == nil then
        follow(
            parts,
            request,
            to,
            clock,
            draft
        )
        return
    end
    local target = replacePrefix(
        path,
        request.uri(),
        request.target(),
        request.args()
    )
    if target == nil then
        refuse(draft, "bad_path")
        return
    end
    follow(
        parts,
        request,
        to,
        clock,
        draft
    )
    if draft.kind == "send" then
        draft.upstream = draft.upstream .. target
    end
end
function answerReturn(request, to, draft)
    local location = locationOf(to, request)
    if location ~= nil and leadsToItself(location, request) then
        refuse(draft, "loop")
    else
        answer(draft, to.status, location)
    end
end
function answer(draft, status, location)
    draft.kind = "answer"
    draft.pool = nil
    draft.status = status
    draft.location = location
end
function wordOf(err, notFound)
    return err == "not_found" and notFound or err
end
--- Decides about one request. Yields if Redis is asked.
-- 
-- @param host nginx's `$host`
-- @param draft becomes the decision; no other request may use it meanwhile
function ____exports.decide(parts, request, host, draft)
    local found, err, level, detail = parts.lookUp(host)
    draft.level = level
    draft.entry = nil
    draft.poolName = ""
    if err ~= nil then
        draft.route = ""
        refuse(
            draft,
            wordOf(
                err,
                isHost(host) and "no_route" or "bad_host"
            ),
            detail
        )
        return draft
    end
    draft.route = found.name
    local plan = found.compiled.value
    if plan.kind == "backends" then
        sendToPool(
            parts,
            request,
            plan,
            found.clock,
            draft
        )
    else
        follow(
            parts,
            request,
            planAt(plan, request, draft),
            found.clock,
            draft
        )
    end
    return draft
end
return ____exports

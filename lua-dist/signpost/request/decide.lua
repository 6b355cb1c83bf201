--- The decision about a request: which backend it goes to, or how it is answered, and why.
--
-- It is pure but for what it is given: `nginx` is read by a `RequestReader`, routes and pools come from look-ups, and the
-- chooser counts the request for the peer that it gives.
local ____exports = {}
local follow, followPool, followRules, answerReturn, send, keyFor, answer, refuse, refuseAtPool, wordOf
local ____names = require("signpost.routing.names")
local isHost = ____names.isHost
local ____path_entry = require("signpost.routing.path_entry")
local entryFor = ____path_entry.entryFor
local ____replace_prefix = require("signpost.routing.replace_prefix")
local replacePrefix = ____replace_prefix.replacePrefix
local ____hash_key = require("signpost.request.hash_key")
local hashKey = ____hash_key.hashKey
local ____redirect = require("signpost.request.redirect")
local httpsLocation = ____redirect.httpsLocation
local httpsStatus = ____redirect.httpsStatus
local leadsToItself = ____redirect.leadsToItself
local locationOf = ____redirect.locationOf
local ____upstream_block = require("signpost.request.upstream_block")
local blockFor = ____upstream_block.blockFor
local declaredBlock = ____upstream_block.declaredBlock
--- @param clock the change clock that the plan is valid for
function follow(parts, request, plan, clock, draft)
    if plan.kind == "backends" then
        return send(
            parts,
            request,
            plan,
            clock,
            draft
        )
    end
    if plan.kind == "pool_ref" then
        return followPool(parts, request, plan.name, draft)
    end
    if plan.kind == "with_rules" then
        return followRules(
            parts,
            request,
            plan,
            clock,
            draft
        )
    end
    if plan.kind == "fail" then
        return refuse(draft, plan.word)
    end
    return answerReturn(request, plan, draft)
end
function followPool(parts, request, name, draft)
    draft.poolName = name
    local found, err, ____, detail = parts.lookUpPool(name)
    if err ~= nil then
        return refuse(
            draft,
            wordOf(err, "no_pool"),
            detail
        )
    end
    local plan = found.compiled.value
    if plan.kind ~= "backends" then
        return refuse(draft, "bad_route")
    end
    return send(
        parts,
        request,
        plan,
        found.clock,
        draft
    )
end
function followRules(parts, request, plan, clock, draft)
    local ____plan_0 = plan
    local path = ____plan_0.path
    local isHttpsOnly = ____plan_0.isHttpsOnly
    local to = ____plan_0.to
    if isHttpsOnly and request.scheme() ~= "https" then
        return answer(
            draft,
            httpsStatus(request),
            httpsLocation(request)
        )
    end
    if path == nil then
        return follow(
            parts,
            request,
            to,
            clock,
            draft
        )
    end
    local target = replacePrefix(
        path,
        request.uri(),
        request.target(),
        request.args()
    )
    if target == nil then
        return refuse(draft, "bad_path")
    end
    local decision = follow(
        parts,
        request,
        to,
        clock,
        draft
    )
    if decision.kind == "send" then
        draft.upstream = draft.upstream .. target
    end
    return decision
end
function answerReturn(request, to, draft)
    local location = locationOf(to, request)
    if location ~= nil and leadsToItself(location, request) then
        return refuse(draft, "loop")
    end
    return answer(draft, to.status, location)
end
--- A request that has been here before is refused first: it counts for no peer.
function send(parts, request, pool, clock, draft)
    local hop = request.nextHop(parts.nodeId)
    if hop == nil then
        return refuse(draft, "loop")
    end
    local key = pool.isPlain and 0 or keyFor(pool, request, draft)
    local peer, as = parts.chooser.choose(pool, key, clock)
    if peer == nil then
        return refuseAtPool(draft, pool, "no_peer_up")
    end
    local wanted = pool.isPlain and parts.block or blockFor(pool.options.reuse, parts.block, request)
    local block = declaredBlock(wanted, request)
    local isByAddress = not pool.isPoolable or block == ""
    if isByAddress and peer.scheme == "https" and not request.isVerified() then
        parts.chooser.giveBack(pool, peer, as)
        return refuseAtPool(draft, pool, "bad_route")
    end
    draft.kind = "send"
    draft.hop = hop
    draft.pool = pool
    draft.key = key
    draft.peer = peer
    draft.as = as
    draft.isByAddress = isByAddress
    draft.upstream = isByAddress and peer.hostPort or block
    return draft
end
function keyFor(pool, request, draft)
    local key, cookie = hashKey(pool.options, request, true)
    draft.cookie = cookie
    return key
end
function answer(draft, status, location)
    draft.kind = "answer"
    draft.pool = nil
    draft.status = status
    draft.location = location
    return draft
end
function refuse(draft, word, detail)
    if detail == nil then
        detail = ""
    end
    draft.kind = "refuse"
    draft.pool = nil
    draft.word = word
    draft.detail = detail
    return draft
end
function refuseAtPool(draft, pool, word)
    local decision = refuse(draft, word)
    draft.pool = pool
    return decision
end
function wordOf(err, notFound)
    return err == "not_found" and notFound or err
end
---
-- @returns an empty table for decisions.
function ____exports.newDraft()
    -- All fields stand here, those that are nil too: a table that gets them one by one has another shape.
    return {
        kind = "refuse",
        route = "",
        level = "memory",
        entry = nil,
        poolName = "",
        pool = nil,
        peer = nil,
        as = "up",
        key = 0,
        upstream = "",
        isByAddress = false,
        hop = "",
        cookie = "",
        status = 0,
        location = nil,
        word = "no_route",
        detail = ""
    }
end
--- Decides about one request. Yields if Redis is asked.
-- 
-- @param host nginx's `$host`
-- @param draft becomes the decision; nobody else may use it meanwhile
function ____exports.decide(parts, request, host, draft)
    local found, err, level, detail = parts.lookUp(host)
    draft.level = level
    draft.entry = nil
    draft.poolName = ""
    if err ~= nil then
        draft.route = ""
        return refuse(
            draft,
            wordOf(
                err,
                isHost(host) and "no_route" or "bad_host"
            ),
            detail
        )
    end
    draft.route = found.name
    local plan = found.compiled.value
    if plan.kind ~= "paths" then
        return follow(
            parts,
            request,
            plan,
            found.clock,
            draft
        )
    end
    local entry = entryFor(
        plan.paths,
        request.uri(),
        request.target(),
        request.isInternal
    )
    draft.entry = entry
    return follow(
        parts,
        request,
        entry.to,
        found.clock,
        draft
    )
end
return ____exports

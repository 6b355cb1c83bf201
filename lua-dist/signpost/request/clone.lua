local ____exports = {}
local poolOfClone
local ____path_entry = require("signpost.routing.path_entry")
local entryFor = ____path_entry.entryFor
local ____choose = require("signpost.balance.choose")
local chooseCarefully = ____choose.chooseCarefully
local letGo = ____choose.letGo
local ____assignment = require("signpost.request.assignment")
local assign = ____assignment.assign
local mainRequest = ____assignment.mainRequest
local NO_PEERS = ____assignment.NO_PEERS
local requestId = ____assignment.requestId
local ____hash_key = require("signpost.request.hash_key")
local hashKey = ____hash_key.hashKey
local ____nginx_request = require("signpost.request.nginx_request")
local nginxRequest = ____nginx_request.nginxRequest
--- Leaves the trial to other requests: the outcome of this one would never be reported.
function ____exports.withoutTrial(choice, health)
    if choice.as ~= "trial" then
        return choice
    end
    health.trialUnused(choice.peer.healthKey)
    return {peer = choice.peer, as = "anyway"}
end
--- @returns nothing for a pool with a member that must go by address: the clone is in the upstream block already.
function poolOfClone(parts)
    local ____parts_3 = parts
    local recall = ____parts_3.recall
    local recallPool = ____parts_3.recallPool
    local ____nginxRequest_4 = nginxRequest
    local uri = ____nginxRequest_4.uri
    local target = ____nginxRequest_4.target
    local isInternal = ____nginxRequest_4.isInternal
    local route = recall(ngx.var.host or "")
    local pathless = (route and route.kind) == "paths" and entryFor(
        route.paths,
        uri(),
        target(),
        isInternal
    ).to or route
    local plan = (pathless and pathless.kind) == "with_rules" and pathless.to or pathless
    local ____temp_11
    if (plan and plan.kind) == "pool_ref" then
        ____temp_11 = recallPool(plan.name)
    else
        ____temp_11 = plan
    end
    local pool = ____temp_11
    return (pool and pool.kind) == "backends" and pool.isPoolable and pool or nil
end
--- Assigns a peer to a request that nginx has cloned, either to refresh a cached page (`proxy_cache_background_update`)
-- or to fetch one part of an answer (`slice`). A clone skips the rewrite phase and shares its request's variables. So
-- the balancer follows the route by what the node knows, because it must not wait.
-- 
-- A clone has no log phase either, so it is not counted among the requests under way, and takes no trial.
-- 
-- @returns nothing if the request is no clone, or if the node does not know its route
function ____exports.beginClone(partsOfRequest)
    local main = mainRequest()
    local ____temp_0
    if main ~= "" then
        ____temp_0 = partsOfRequest()
    else
        ____temp_0 = nil
    end
    local parts = ____temp_0
    local ____temp_1
    if parts ~= nil then
        ____temp_1 = poolOfClone(parts)
    else
        ____temp_1 = nil
    end
    local pool = ____temp_1
    if parts == nil or pool == nil then
        return nil
    end
    local key = hashKey(pool.options, nginxRequest, false)
    local choice = chooseCarefully(pool, parts.health, key, NO_PEERS)
    if choice == nil then
        return nil
    end
    letGo(pool, choice.peer, true)
    local ____exports_withoutTrial_result_2 = ____exports.withoutTrial(choice, parts.health)
    local peer = ____exports_withoutTrial_result_2.peer
    local as = ____exports_withoutTrial_result_2.as
    local clone = assign(
        requestId(),
        {
            pool = pool,
            key = key,
            peer = peer,
            as = as,
            isByAddress = false
        },
        0,
        main
    )
    clone.isCounted = false
    return clone
end
return ____exports

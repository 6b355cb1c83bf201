local ____exports = {}
local poolOfClone
local ____choose = require("signpost.balance.choose")
local chooseCarefully = ____choose.chooseCarefully
local letGo = ____choose.letGo
local ____hash_key = require("signpost.request.hash_key")
local hashKey = ____hash_key.hashKey
local ____rewrite = require("signpost.request.rewrite")
local planOfPath = ____rewrite.planOfPath
local ____assignment = require("signpost.request.assignment")
local mainRequest = ____assignment.mainRequest
local NONE = ____assignment.NONE
local use = ____assignment.use
--- A request whose outcome nobody learns leaves the trial to others.
function ____exports.withoutTrial(choice, health)
    if choice.as ~= "trial" then
        return choice
    end
    health.trialUnused(choice.peer.healthKey)
    return {peer = choice.peer, as = "anyway"}
end
--- One with a member that must go by address is not for the upstream block, where the clone is.
function poolOfClone(____bindingPattern0)
    local recallPool
    local recall
    recall = ____bindingPattern0.recall
    recallPool = ____bindingPattern0.recallPool
    local route = recall(ngx.var.host or "")
    local pathless = (route and route.kind) == "paths" and planOfPath(route.paths) or route
    local plan = (pathless and pathless.kind) == "with_rules" and pathless.to or pathless
    local ____temp_9
    if (plan and plan.kind) == "pool" then
        ____temp_9 = recallPool(plan.name)
    else
        ____temp_9 = plan
    end
    local pool = ____temp_9
    return (pool and pool.kind) == "proxy" and pool.isPoolable and pool or nil
end
--- Begins the use of a request that nginx has cloned, to refresh a cached page (`proxy_cache_background_update`) or for one
-- part of an answer (`slice`). A clone skips the rewrite phase, and has its request's variables. So the route is followed
-- here, where nothing may wait: by what the node knows, as that of its request was a moment ago.
-- 
-- It has no log phase either: so it is not counted among the requests under way, and takes no trial.
-- 
-- @returns nothing for a request that is no clone, or when nothing is known
function ____exports.beginClone(partsOfRequest)
    local main = mainRequest()
    local ____temp_0
    if main == "" then
        ____temp_0 = nil
    else
        ____temp_0 = partsOfRequest()
    end
    local parts = ____temp_0
    local ____temp_1
    if parts == nil then
        ____temp_1 = nil
    else
        ____temp_1 = poolOfClone(parts)
    end
    local pool = ____temp_1
    if parts == nil or pool == nil then
        return nil
    end
    local ____pool_options_2 = pool.options
    local hashOn = ____pool_options_2.hashOn
    local key = hashOn == nil and 0 or hashKey(hashOn, false)
    local choice = chooseCarefully(pool, parts.health, key, NONE)
    if choice == nil then
        return nil
    end
    letGo(pool, choice.peer, true)
    local clone = use(
        pool,
        key,
        ____exports.withoutTrial(choice, parts.health),
        false,
        {run = 0, main = main}
    )
    clone.isCounted = false
    return clone
end
return ____exports

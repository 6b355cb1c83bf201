local ____exports = {}
local planOf, pathRule, poolRef, poolOf, atPrefix
local ____route = require("signpost.format.route")
local compileRoute = ____route.compileRoute
--- @param prefix the path prefix that the target is for
function planOf(target, prefix, before, pools)
    if target.kind == "return" then
        return target
    end
    local to = target.kind == "peers" and pools.ofAddresses(
        target.peers,
        poolOf(before)
    ) or poolRef(target)
    local path, isHttpsOnly = pathRule(target.path, prefix), target.httpsOnly == true
    return path == nil and not isHttpsOnly and to or ({kind = "with_rules", path = path, isHttpsOnly = isHttpsOnly, to = to})
end
--- @returns nothing if the rule would put one slash in place of another
function pathRule(path, prefix)
    local isChanged = path ~= nil and (path ~= "/" or prefix ~= "")
    return isChanged and ({prefix = prefix, path = path}) or nil
end
function poolRef(target)
    return {kind = "pool_ref", name = target.name}
end
function poolOf(plan)
    local to = (plan and plan.kind) == "with_rules" and plan.to or plan
    return (to and to.kind) == "backends" and to or nil
end
function atPrefix(plan, prefix)
    if (plan and plan.kind) ~= "paths" then
        return nil
    end
    for ____, entry in ipairs(plan.paths) do
        if entry.prefix == prefix then
            return entry.to
        end
    end
    return nil
end
--- Reports each bad record that is used. The reader has reported what it read from Redis; but a record from a file is
-- not read again without Redis, or while Redis is down.
function ____exports.sayingBad(planner, tellBad)
    return function(known, before, name)
        if known.kind == "bad" then
            tellBad(name, known.text)
        end
        return planner(known, before, name)
    end
end
--- There never was a good value; the log says what is wrong with it.
local BAD = {kind = "fail", word = "bad_route"}
--- The host is known and has no backend: its list holds only the label.
local NO_BACKEND = {kind = "fail", word = "no_peer_up"}
---
-- @returns the planner of routes
function ____exports.routePlanner(pools)
    return function(known, before)
        if known.kind ~= "good" then
            return BAD
        end
        local route, err = compileRoute(known.text)
        if err ~= nil then
            return BAD
        end
        if route.kind == "no_backend" then
            return NO_BACKEND
        end
        if route.kind ~= "paths" then
            return planOf(route, "", before, pools)
        end
        local entries = {}
        for ____, ____value in ipairs(route.paths) do
            local prefix = ____value.prefix
            local to = ____value.to
            entries[#entries + 1] = {
                prefix = prefix,
                to = planOf(
                    to,
                    prefix,
                    atPrefix(before, prefix),
                    pools
                )
            }
        end
        return {kind = "paths", paths = entries}
    end
end
---
-- @returns the planner of pools
function ____exports.poolPlanner(pools)
    return function(known, before, name)
        if known.kind ~= "good" then
            return BAD
        end
        local pool, err = pools.ofText(
            known.text,
            poolOf(before),
            name
        )
        return err == nil and pool or BAD
    end
end
return ____exports

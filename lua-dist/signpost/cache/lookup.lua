local ____exports = {}
local lookFurther, rememberAsStale, settle, STALE_PAUSE
local ____names = require("signpost.routing.names")
local namesToTry = ____names.namesToTry
local ____plan = require("signpost.routing.plan")
local badRoute = ____plan.badRoute
local planOf = ____plan.planOf
local ____survey = require("signpost.cache.survey")
local survey = ____survey.survey
function lookFurther(levels, host)
    local names = namesToTry(host)
    local freshSince = levels.now() - levels.ttl
    local read = {}
    local function find(name)
        return read[name] or levels.findShared(name)
    end
    local seen = survey(names, find, freshSince)
    local level = #seen.due > 0 and "stale" or "shared"
    while seen.verdict == "unknown" do
        local found, err, detail = levels.readRedis(seen.due)
        if err ~= nil then
            local last = levels.memory:get(host)
            if last ~= nil then
                return rememberAsStale(levels, host, last), nil, "stale"
            end
            return nil, err, "redis", detail
        end
        for name, known in pairs(found) do
            read[name] = known
        end
        seen = survey(names, find, freshSince)
        level = "redis"
    end
    return settle(levels, host, seen, level)
end
function rememberAsStale(levels, host, last)
    local ____last_1 = last
    local name = ____last_1.name
    local plan = ____last_1.plan
    local answer = {
        name = name,
        plan = plan,
        level = "stale",
        freshUntil = levels.now() + math.min(STALE_PAUSE, levels.ttl)
    }
    levels.memory:set(host, answer)
    return answer
end
function settle(levels, host, seen, level)
    local ____seen_2 = seen
    local name = ____seen_2.name
    local known = ____seen_2.known
    if level == "stale" then
        levels.refreshSoon(seen.due)
    end
    if name == nil or known == nil then
        levels.memory:delete(host)
        return nil, "no_route", level == "redis" and "redis" or "absent", host
    end
    local answer = {
        name = name,
        plan = known.kind == "bad" and badRoute(known.text) or planOf(known.text),
        level = level == "stale" and "stale" or "memory",
        freshUntil = level == "stale" and levels.now() + math.min(STALE_PAUSE, levels.ttl) or seen.checked + levels.ttl
    }
    levels.memory:set(host, answer)
    return answer, nil, level
end
STALE_PAUSE = 0.2
---
-- @returns the look-up through the levels: the nearest that knows answers, and every nearer one learns it.
function ____exports.lookUpThrough(levels)
    local ____levels_0 = levels
    local memory = ____levels_0.memory
    local now = ____levels_0.now
    return function(host)
        local answer = memory:get(host)
        if answer ~= nil and now() < answer.freshUntil then
            return answer, nil, answer.level
        end
        return lookFurther(levels, host)
    end
end
return ____exports

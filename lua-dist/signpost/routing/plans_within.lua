local ____exports = {}
local problemOf, pathlessProblem
function problemOf(reach, plan)
    if plan.kind ~= "paths" then
        return pathlessProblem(reach, plan)
    end
    for ____, ____value in ipairs(plan.paths) do
        local to = ____value.to
        local problem = pathlessProblem(reach, to)
        if problem ~= nil then
            return problem
        end
    end
    return nil
end
function pathlessProblem(reach, plan)
    local to = plan.kind == "with_rules" and plan.to or plan
    if to.kind ~= "backends" then
        return nil
    end
    for ____, ____value in ipairs(to.definition.members) do
        local address = ____value.address
        local problem = reach(address)
        if problem ~= nil then
            return problem
        end
    end
    return nil
end
--- Refuses plans that lead where the settings do not allow. Records read from Redis are checked when they are read.
-- This is for the others, which serve without being read again: from a snapshot, or from before a reload with other
-- settings.
function ____exports.plansWithin(reach, planner, tellBad)
    if reach == nil then
        return planner
    end
    return function(known, before, name)
        local plan = planner(known, before, name)
        local problem = problemOf(reach, plan)
        if problem == nil then
            return plan
        end
        tellBad(name, problem)
        return {kind = "fail", word = "bad_route"}
    end
end
return ____exports

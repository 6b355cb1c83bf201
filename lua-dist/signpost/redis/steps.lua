local ____exports = {}
local isStep, advance, askAll, share
function isStep(state)
    return state.kind == "step"
end
--- @param answers to each step, in their order
function advance(states, answers)
    local taken = 0
    for i = 0, #states - 1 do
        local state = states[i + 1]
        if isStep(state) then
            local next, err, detail = state.next(answers[taken + 1] or ({}))
            if err ~= nil then
                return nil, err, detail
            end
            states[i + 1] = next
            taken = taken + 1
        end
    end
    return true, nil
end
--- Asks the questions of all steps in one round trip. After a reply that is too large, the rest is asked again. So is
-- the step that it belongs to, unless that step came first: its replies alone may be small enough.
function askAll(redis, steps)
    local answers = {}
    while #answers < #steps do
        local commands = {}
        for i = #answers, #steps - 1 do
            for ____, command in ipairs(steps[i + 1].commands) do
                commands[#commands + 1] = command
            end
        end
        local replies, err, detail = redis.ask(commands)
        if err ~= nil then
            return nil, err, detail
        end
        local ____temp_2 = #replies < #commands
        if ____temp_2 then
            local ____opt_0 = replies[#replies]
            ____temp_2 = (____opt_0 and ____opt_0.kind) ~= "oversized"
        end
        if ____temp_2 then
            return nil, "redis_down", ((tostring(#replies) .. " replies to ") .. tostring(#commands)) .. " commands"
        end
        share(steps, replies, answers)
    end
    return answers, nil
end
--- Adds the answers of all steps that have all their replies, and of the first step in any case.
function share(steps, replies, answers)
    local first = #answers
    local taken = 0
    for i = first, #steps - 1 do
        local ____end = taken + #steps[i + 1].commands
        local ____temp_5 = ____end > #replies
        if not ____temp_5 then
            local ____opt_3 = replies[____end]
            ____temp_5 = (____opt_3 and ____opt_3.kind) == "oversized"
        end
        local isCut = ____temp_5
        if isCut and i > first then
            return
        end
        local own = {}
        for at = taken, ____end - 1 do
            own[at - taken + 1] = replies[at + 1]
        end
        answers[#answers + 1] = own
        if isCut then
            return
        end
        taken = ____end
    end
end
---
-- @returns a step.
function ____exports.step(commands, next)
    return {kind = "step", commands = commands, next = next}
end
--- Works towards several results side by side: the first steps of all go in one round trip, then the second steps.
-- 
-- @param states results, and steps towards the missing ones; changed in place
-- @returns the results, in the order of the states
function ____exports.takeSteps(redis, states)
    do
        while true do
            local steps = {}
            for ____, state in ipairs(states) do
                if isStep(state) then
                    steps[#steps + 1] = state
                end
            end
            if #steps == 0 then
                return states, nil
            end
            local answers, err, detail = askAll(redis, steps)
            if err ~= nil then
                return nil, err, detail
            end
            local ____, failure, reason = advance(states, answers)
            if failure ~= nil then
                return nil, failure, reason
            end
        end
    end
end
return ____exports

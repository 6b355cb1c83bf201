local ____exports = {}
local distinct, overdue, isDue, firstTurn, nextTurn
function distinct(checks)
    local byId = {}
    for ____, check in ipairs(checks) do
        local other = byId[check.id]
        if other == nil or check.interval < other.interval then
            byId[check.id] = check
        end
    end
    return byId
end
function overdue(plan, time)
    local due = {}
    for ____, planned in pairs(plan) do
        if not planned.isUnderWay and isDue(planned, time) then
            due[#due + 1] = planned
        end
    end
    table.sort(
        due,
        function(a, b) return a.dueAt < b.dueAt end
    )
    return due
end
function isDue(planned, time)
    return planned.dueAt <= time or planned.dueAt > time + planned.check.interval
end
function firstTurn(place, interval, time)
    return time + (place * interval - time) % interval
end
function nextTurn(planned, time)
    local ____planned_0 = planned
    local dueAt = ____planned_0.dueAt
    local check = ____planned_0.check
    local passed = math.floor((time - dueAt) / check.interval)
    return dueAt + (passed + 1) * check.interval
end
--- Steps of this part of a circle, however many, divide it evenly: so nobody's turn moves when others come or go.
local GOLDEN = (math.sqrt(5) - 1) / 2
---
-- @param most how many checks may be under way at once
function ____exports.checkSchedule(now, most)
    local plan = {}
    local nextPlace = 0
    local underWay = 0
    local function placed(check)
        nextPlace = (nextPlace + GOLDEN) % 1
        return {
            check = check,
            place = nextPlace,
            dueAt = firstTurn(
                nextPlace,
                check.interval,
                now()
            ),
            isUnderWay = false
        }
    end
    local function kept(planned, check)
        if check.interval ~= planned.check.interval then
            planned.dueAt = firstTurn(
                planned.place,
                check.interval,
                now()
            )
        end
        planned.check = check
        return planned
    end
    return {
        update = function(checks)
            local next = {}
            for id, check in pairs(distinct(checks)) do
                local planned = plan[id]
                next[id] = planned == nil and placed(check) or kept(planned, check)
            end
            plan = next
        end,
        begin = function()
            local time = now()
            local begun = {}
            for ____, planned in ipairs(overdue(plan, time)) do
                if underWay >= most then
                    break
                end
                underWay = underWay + 1
                planned.isUnderWay = true
                planned.dueAt = nextTurn(planned, time)
                begun[#begun + 1] = planned.check
            end
            return begun
        end,
        ended = function(check)
            underWay = underWay - 1
            local planned = plan[check.id]
            if planned == nil then
                return false
            end
            planned.isUnderWay = false
            return true
        end
    }
end
return ____exports

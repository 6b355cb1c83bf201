local ____exports = {}
local droppedUnderWay, isDue, firstTurn, nextTurn
function droppedUnderWay(before, plan)
    local dropped = {}
    for id, ____temp_3 in pairs(before) do
        local underWay
        underWay = ____temp_3.underWay
        if underWay ~= nil and not (plan[id] ~= nil) then
            dropped[#dropped + 1] = underWay
        end
    end
    return dropped
end
function isDue(planned, time)
    -- A turn further off than the interval: the clock was set back meanwhile.
    return planned.dueAt <= time or planned.dueAt > time + planned.check.interval
end
--- By the clock alone, so that turns are spread evenly whenever the checks became known.
function firstTurn(place, interval, time)
    return time + (place * interval - time) % interval
end
--- The first turn after now, of those that are whole intervals from the last.
function nextTurn(planned, time)
    local ____planned_4 = planned
    local dueAt = ____planned_4.dueAt
    local check = ____planned_4.check
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
    local free = most
    --- The pool that each check under way is counted to.
    local counted = {}
    --- How many checks a pool has under way.
    local shares = {}
    local function placed(check)
        nextPlace = (nextPlace + GOLDEN) % 1
        local dueAt = firstTurn(
            nextPlace,
            check.interval,
            now()
        )
        return {
            check = check,
            pools = {},
            place = nextPlace,
            dueAt = dueAt,
            underWay = nil
        }
    end
    local function poolWithRoom(____bindingPattern0)
        local pools
        pools = ____bindingPattern0.pools
        for ____, pool in ipairs(pools) do
            if (shares[pool] or 0) < free then
                return pool
            end
        end
        return nil
    end
    local function count(pool, by)
        free = free - by
        local share = (shares[pool] or 0) + by
        if share > 0 then
            shares[pool] = share
        else
            shares[pool] = nil
        end
    end
    local function overdue(time)
        local due = {}
        for ____, planned in pairs(plan) do
            if planned.underWay == nil and isDue(planned, time) and poolWithRoom(planned) ~= nil then
                due[#due + 1] = planned
            end
        end
        table.sort(
            due,
            function(a, b) return a.dueAt < b.dueAt end
        )
        return due
    end
    return {
        update = function(checks)
            local before = plan
            plan = {}
            for ____, check in ipairs(checks) do
                local planned = plan[check.id]
                if planned == nil then
                    local kept = before[check.id] or placed(check)
                    kept.check = check
                    kept.pools = {check.pool}
                    plan[check.id] = kept
                else
                    local ____planned_pools_0 = planned.pools
                    ____planned_pools_0[#____planned_pools_0 + 1] = check.pool
                end
            end
            return droppedUnderWay(before, plan)
        end,
        begin = function()
            local time = now()
            local begun = {}
            for ____, planned in ipairs(overdue(time)) do
                local pool = poolWithRoom(planned)
                if pool ~= nil then
                    local check = planned.check
                    count(pool, 1)
                    counted[check] = pool
                    planned.underWay = check
                    planned.dueAt = nextTurn(planned, time)
                    begun[#begun + 1] = check
                end
            end
            return begun
        end,
        ended = function(check)
            count(counted[check] or check.pool, -1)
            counted[check] = nil
            local planned = plan[check.id]
            if (planned and planned.underWay) ~= check then
                return false
            end
            planned.underWay = nil
            return true
        end
    }
end
return ____exports

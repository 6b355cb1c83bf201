local ____exports = {}
local newPlaces, duePlans, droppedRunning, isDue, firstTurn, nextTurn
function newPlaces(most)
    local free = most
    --- The pool that each running check counts for.
    local countedFor = {}
    --- The number of running checks that count for each pool.
    local shares = {}
    local function count(pool, by)
        free = free - by
        local share = (shares[pool] or 0) + by
        if share > 0 then
            shares[pool] = share
        else
            shares[pool] = nil
        end
    end
    local function firstWithRoom(pools)
        for ____, pool in ipairs(pools) do
            if (shares[pool] or 0) < free then
                return pool
            end
        end
        return nil
    end
    return {
        hasRoom = function(pools) return firstWithRoom(pools) ~= nil end,
        take = function(check, pools)
            local pool = firstWithRoom(pools)
            if pool == nil then
                return false
            end
            count(pool, 1)
            countedFor[check] = pool
            return true
        end,
        giveBack = function(check)
            count(countedFor[check] or check.pool, -1)
            countedFor[check] = nil
        end
    }
end
--- @returns the checks that are due, not running and have room, the longest overdue first
function duePlans(plan, time, places)
    local due = {}
    for ____, planned in pairs(plan) do
        if planned.running == nil and isDue(planned, time) and places.hasRoom(planned.pools) then
            due[#due + 1] = planned
        end
    end
    table.sort(
        due,
        function(a, b) return a.dueAt < b.dueAt end
    )
    return due
end
function droppedRunning(before, plan)
    local dropped = {}
    for id, ____temp_3 in pairs(before) do
        local running
        running = ____temp_3.running
        if running ~= nil and not (plan[id] ~= nil) then
            dropped[#dropped + 1] = running
        end
    end
    return dropped
end
function isDue(planned, time)
    -- A turn further away than the interval means that the clock was set back.
    return planned.dueAt <= time or planned.dueAt > time + planned.check.interval
end
--- Depends on the clock alone. So turns are spread evenly, no matter when the checks became known.
function firstTurn(place, interval, time)
    return time + (place * interval - time) % interval
end
--- The first turn after now that is a whole number of intervals after the last one.
function nextTurn(planned, time)
    local ____planned_4 = planned
    local dueAt = ____planned_4.dueAt
    local check = ____planned_4.check
    local passed = math.floor((time - dueAt) / check.interval)
    return dueAt + (passed + 1) * check.interval
end
--- The step of the golden-ratio sequence. Turns that are this fraction of the interval apart divide it evenly, whatever
-- their number. So no turn has to move when checks come or go.
local GOLDEN = (math.sqrt(5) - 1) / 2
---
-- @param most how many checks may run at once
function ____exports.checkSchedule(now, most)
    local plan = {}
    local nextPlace = 0
    local places = newPlaces(most)
    local function newPlan(check)
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
            running = nil
        }
    end
    return {
        update = function(checks)
            local before = plan
            plan = {}
            for ____, check in ipairs(checks) do
                local planned = plan[check.id]
                if planned == nil then
                    local kept = before[check.id] or newPlan(check)
                    kept.check = check
                    kept.pools = {check.pool}
                    plan[check.id] = kept
                else
                    local ____planned_pools_0 = planned.pools
                    ____planned_pools_0[#____planned_pools_0 + 1] = check.pool
                end
            end
            return droppedRunning(before, plan)
        end,
        begin = function()
            local time = now()
            local begun = {}
            for ____, planned in ipairs(duePlans(plan, time, places)) do
                local check = planned.check
                local pools = planned.pools
                if places.take(check, pools) then
                    planned.running = check
                    planned.dueAt = nextTurn(planned, time)
                    begun[#begun + 1] = check
                end
            end
            return begun
        end,
        ended = function(check)
            places.giveBack(check)
            local planned = plan[check.id]
            if (planned and planned.running) ~= check then
                return false
            end
            planned.running = nil
            return true
        end
    }
end
return ____exports

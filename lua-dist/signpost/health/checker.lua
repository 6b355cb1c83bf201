local ____exports = {}
local append, nameOf
local ____active_state = require("signpost.health.active_state")
local activeState = ____active_state.activeState
local ____check_schedule = require("signpost.health.check_schedule")
local checkSchedule = ____check_schedule.checkSchedule
local ____checks = require("signpost.health.checks")
local checksOf = ____checks.checksOf
local ____option_values = require("signpost.format.option_values")
local hasStatus = ____option_values.hasStatus
function append(all, checks)
    for ____, check in ipairs(checks) do
        all[#all + 1] = check
    end
end
function nameOf(check)
    return ((("health check of " .. check.peer) .. " (GET ") .. check.path) .. ")"
end
--- How often it is seen to which checks are due, seconds.
local BEAT = 0.1
--- The same while there is nothing to check, and in workers that do not.
local IDLE_BEAT = 0.5
--- How many checks may be under way at once, and half as many of a single pool. Begun at each beat, that is enough for
-- 1,000 a second; a pool whose members do not answer has its own checked less often. nginx runs no more than 256 timers at
-- once, whoever's they are, and each check takes one.
local MOST_AT_ONCE = 100
--- Checks the members of the pools that are used, in one worker of the node.
-- 
-- @returns the checker's beat: to be called again and again, each time after as many seconds as it returns, until it
-- returns nothing because the worker is exiting
function ____exports.checker(parts)
    local beat, forget, plan, follow, findPools, allChecks, begin, ____end, run, problemOf, judge, log, schedule, active, stops, pools, names, clock
    function beat()
        if parts.isExiting() then
            forget()
            return nil
        end
        if not parts.isMine() then
            forget()
            return IDLE_BEAT
        end
        local wanted = parts.wanted.names()
        follow(wanted)
        for ____, check in ipairs(schedule.begin()) do
            begin(check)
        end
        return #wanted == 0 and IDLE_BEAT or BEAT
    end
    --- Another worker checks from now on: when this one does so again, what it knows now is old.
    function forget()
        if names == nil then
            return
        end
        names = nil
        parts.wanted.forget()
        pools = {}
        plan({})
    end
    --- Makes these checks from now on, and no others: those under way that are not among them end at once.
    function plan(checks)
        for ____, dropped in ipairs(schedule.update(checks)) do
            local ____opt_1 = stops[dropped]
            if ____opt_1 ~= nil then
                ____opt_1.open()
            end
        end
        active.keep(checks)
    end
    --- Sees to it that what is checked is what the pools say.
    function follow(wanted)
        local time = parts.changeClock()
        if wanted == names and time == clock then
            return
        end
        if findPools(wanted) or wanted ~= names then
            plan(allChecks())
        end
        names = wanted
        clock = time
    end
    --- @returns whether any has changed.
    function findPools(wanted)
        local found = {}
        local isNews = false
        for ____, name in ipairs(wanted) do
            local before = pools[name]
            local pool = parts.findPool(name)
            if (before and before.pool) ~= pool then
                isNews = true
            end
            if pool ~= nil then
                found[name] = (before and before.pool) == pool and before or ({
                    pool = pool,
                    checks = checksOf(name, pool)
                })
            end
        end
        pools = found
        return isNews
    end
    function allChecks()
        local all = {}
        for ____, ____temp_7 in pairs(pools) do
            local checks
            checks = ____temp_7.checks
            append(all, checks)
        end
        return all
    end
    function begin(check)
        local stop = parts.newGate()
        stops[check] = stop
        -- Without a timer for it, nothing is known of the peer; the check has its next turn.
        if not parts.start(function() return run(check, stop) end) then
            ____end(check)
        end
    end
    --- @returns whether anybody still asks how it went.
    function ____end(check)
        stops[check] = nil
        return schedule.ended(check)
    end
    function run(check, stop)
        local problem
        local done, raised = pcall(function()
            problem = problemOf(check, stop)
        end)
        local isStillWanted = ____end(check)
        -- What went wrong here says nothing of the peer.
        if not done then
            error(raised, 0)
        end
        if isStillWanted then
            judge(check, problem)
        end
    end
    --- @returns why the peer is not well.
    function problemOf(check, stop)
        local status, err, detail = parts.probe(check, stop)
        if err ~= nil then
            return detail
        end
        local ____hasStatus_result_8
        if hasStatus(check.statuses, status) then
            ____hasStatus_result_8 = nil
        else
            ____hasStatus_result_8 = "it answered " .. tostring(status)
        end
        return ____hasStatus_result_8
    end
    function judge(check, problem)
        local name = nameOf(check)
        if problem == nil then
            if active.passed(check) then
                log.warn(name .. " passes again", name)
            end
        elseif active.failed(check) then
            log.warn((name .. " fails, and the peer is out: ") .. problem, name)
        end
    end
    local ____parts_0 = parts
    log = ____parts_0.log
    schedule = checkSchedule(parts.now, MOST_AT_ONCE)
    active = activeState(parts.health)
    stops = {}
    pools = {}
    clock = 0
    return beat
end
return ____exports

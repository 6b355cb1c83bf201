local ____exports = {}
local stopChecking, plan, followPools, findPools, allChecks, append, begin, ____end, run, problemOf, judge
local ____active_state = require("signpost.health.active_state")
local activeState = ____active_state.activeState
local ____check_schedule = require("signpost.health.check_schedule")
local checkSchedule = ____check_schedule.checkSchedule
local ____checks = require("signpost.health.checks")
local checksOf = ____checks.checksOf
local ____option_values = require("signpost.format.option_values")
local hasStatus = ____option_values.hasStatus
--- Stops all checks and forgets the pools. Another worker makes the checks from now on, and what this one knows will be
-- outdated when it makes checks again.
function stopChecking(state)
    if state.names == nil then
        return
    end
    state.names = nil
    state.parts.wanted.forget()
    state.pools = {}
    plan(state, {})
end
--- Makes these checks from now on, and no others. Other checks that are running end at once.
function plan(state, checks)
    for ____, dropped in ipairs(state.schedule.update(checks)) do
        local ____opt_0 = state.stops[dropped]
        if ____opt_0 ~= nil then
            ____opt_0.open()
        end
    end
    state.active.keep(checks)
end
--- Plans the checks again if the pools have changed.
function followPools(state, wanted)
    local clock = state.parts.changeClock()
    if wanted == state.names and clock == state.clock then
        return
    end
    local haveChanged = findPools(state, wanted)
    if haveChanged or wanted ~= state.names then
        plan(
            state,
            allChecks(state.pools)
        )
    end
    state.names = wanted
    state.clock = clock
end
--- @returns whether a pool has changed.
function findPools(state, wanted)
    local found = {}
    local haveChanged = false
    for ____, name in ipairs(wanted) do
        local before = state.pools[name]
        local pool = state.parts.findPool(name)
        if (before and before.pool) ~= pool then
            haveChanged = true
        end
        if pool ~= nil then
            found[name] = (before and before.pool) == pool and before or ({
                pool = pool,
                checks = checksOf(name, pool)
            })
        end
    end
    state.pools = found
    return haveChanged
end
function allChecks(pools)
    local all = {}
    for ____, ____temp_6 in pairs(pools) do
        local checks
        checks = ____temp_6.checks
        append(all, checks)
    end
    return all
end
function append(all, checks)
    for ____, check in ipairs(checks) do
        all[#all + 1] = check
    end
end
function begin(state, check)
    local stop = state.parts.newGate()
    state.stops[check] = stop
    -- nginx has no free timer. That says nothing about the peer, and the check gets another turn.
    if not state.parts.start(function() return run(state, check, stop) end) then
        ____end(state, check)
    end
end
--- @returns false if the check was dropped meanwhile, so that its outcome is not wanted.
function ____end(state, check)
    state.stops[check] = nil
    return state.schedule.ended(check)
end
function run(state, check, stop)
    local done, problem = pcall(problemOf, state.parts.probe, check, stop)
    local isWanted = ____end(state, check)
    -- An error in our code says nothing about the peer.
    if not done then
        error(problem, 0)
    end
    if isWanted then
        judge(state, check, problem)
    end
end
--- @returns why the check failed; nothing if it passed.
function problemOf(probe, check, stop)
    local status, err, detail = probe(check, stop)
    if err ~= nil then
        return detail
    end
    if not hasStatus(check.statuses, status) then
        return "it answered " .. tostring(status)
    end
    return nil
end
function judge(state, check, problem)
    local ____state_parts_7 = state.parts
    local log = ____state_parts_7.log
    local name = ((("health check of " .. check.peer) .. " (GET ") .. check.path) .. ")"
    if problem == nil then
        if state.active.passed(check) then
            log.warn(name .. " passes again", name)
        end
    elseif state.active.failed(check) then
        log.warn((name .. " fails, and the peer is out: ") .. problem, name)
    end
end
--- Seconds between looks for due checks.
local LOOK_SECONDS = 0.1
--- Seconds between looks while there is nothing to check, and in workers that make no checks.
local IDLE_SECONDS = 0.5
--- How many checks may run at once. A single pool may have half as many. With a look every {@link LOOK_SECONDS}, this
-- allows 1,000 checks a second. A pool whose members do not answer is checked less often. nginx runs at most 256 timers
-- at once, including those of other modules, and each check takes one.
local MOST_AT_ONCE = 100
--- Checks the members of the pools that requests use, in one worker of the node.
-- 
-- @returns a periodic task. It returns the seconds until its next call, or nothing if the worker is exiting.
function ____exports.checker(parts)
    local state = {
        parts = parts,
        schedule = checkSchedule(parts.now, MOST_AT_ONCE),
        active = activeState(parts.health),
        stops = {},
        pools = {},
        names = nil,
        clock = 0
    }
    return function()
        if parts.isExiting() then
            stopChecking(state)
            return nil
        end
        if not parts.isMine() then
            stopChecking(state)
            return IDLE_SECONDS
        end
        local wanted = parts.wanted.names()
        followPools(state, wanted)
        for ____, check in ipairs(state.schedule.begin()) do
            begin(state, check)
        end
        return #wanted == 0 and IDLE_SECONDS or LOOK_SECONDS
    end
end
return ____exports

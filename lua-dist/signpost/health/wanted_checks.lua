local ____exports = {}
local leave, report, namesIn, REPORTED, LEFT, MOST_REPORTS
local ____elapsed = require("signpost.state.elapsed")
local isWithin = ____elapsed.isWithin
local ____keys = require("signpost.state.keys")
local STATE_KEYS = ____keys.STATE_KEYS
--- Leaves these names to a successor, in place of those that were left before.
function leave(state, names)
    state:delete(LEFT)
    for ____, name in ipairs(names) do
        -- dropped: without room for it, a worker reports the name to the successor later
        state:rpush(LEFT, name)
    end
end
--- @returns false if there is no room.
function report(state, poolName)
    local length = state:llen(REPORTED)
    if length ~= nil and length >= MOST_REPORTS then
        return false
    end
    local added = state:rpush(REPORTED, poolName)
    return added ~= nil
end
function namesIn(reportedAt)
    local names = {}
    for name in pairs(reportedAt) do
        names[#names + 1] = name
    end
    return names
end
REPORTED = STATE_KEYS.wanted
LEFT = STATE_KEYS.wantedHeard
--- How often a worker reports a pool, seconds.
local REPORT_SECONDS = 20
--- How long after its last report a pool is still checked, seconds.
local KEPT_SECONDS = 60
MOST_REPORTS = 1000
---
-- @returns reports that a pool with checks is used. It may be called for each request: except once in 20 s, it only looks
-- into a set. A report that there is no room for is made by a later request.
-- @param sign what the cache's names of its table's pools begin with, after their `@`; see `Keys`
function ____exports.wantChecks(state, now, sign)
    if sign == nil then
        sign = ""
    end
    -- Emptied as a whole, so that pools which are gone take no room.
    local reported = {}
    local reportedSince = now()
    return function(poolName)
        local time = now()
        if not isWithin(REPORT_SECONDS, reportedSince, time) then
            reported = {}
            reportedSince = time
        end
        if not (reported[poolName] ~= nil) and report(state, sign .. poolName) then
            reported[poolName] = true
        end
    end
end
--- For the watching worker alone: in any other worker it would take away the names that the watching worker needs.
function ____exports.wantedPools(state, now)
    local reportedAt = {}
    local names = {}
    local hasSucceeded = false
    ---
    -- @returns whether the list had new names.
    local function takeIn(list, time)
        local isNews = false
        local length = state:llen(list)
        -- Only as many as there are now, so that this ends though workers go on reporting.
        for _ = 1, length or 0 do
            local taken = state:lpop(list)
            if taken == nil then
                break
            end
            local name = tostring(taken)
            if not (reportedAt[name] ~= nil) then
                isNews = true
            end
            reportedAt[name] = time
        end
        return isNews
    end
    ---
    -- @returns whether there were old names.
    local function dropOld(time)
        local wereAny = false
        for name, last in pairs(reportedAt) do
            if not isWithin(KEPT_SECONDS, last, time) then
                reportedAt[name] = nil
                wereAny = true
            end
        end
        return wereAny
    end
    return {
        names = function()
            local time = now()
            local wereLeft = not hasSucceeded and takeIn(LEFT, time)
            hasSucceeded = true
            local wereReported = takeIn(REPORTED, time)
            if dropOld(time) or wereReported or wereLeft then
                names = namesIn(reportedAt)
                leave(state, names)
            end
            return names
        end,
        forget = function()
            reportedAt = {}
            names = {}
            hasSucceeded = false
        end
    }
end
return ____exports

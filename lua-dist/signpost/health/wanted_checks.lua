local ____exports = {}
local leave, report, namesIn, REPORTED, LEFT, MOST_REPORTS
local ____elapsed = require("signpost.state.elapsed")
local isWithin = ____elapsed.isWithin
local ____keys = require("signpost.state.keys")
local STATE_KEYS = ____keys.STATE_KEYS
--- Leaves these names to a successor, and removes the names left before.
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
--- How often a worker reports the same pool, seconds.
local REPORT_SECONDS = 20
--- How long a pool is checked after its last report, seconds.
local KEPT_SECONDS = 60
MOST_REPORTS = 1000
---
-- @returns a function that reports that a pool with checks is used. It may be called for each request: except once in
-- 20 s, it only looks into a set. If there is no room for a report, a later request makes it.
-- @param sign what the cache's names of this table's pools begin with, after their `@`; see `Keys`
function ____exports.wantChecks(state, now, sign)
    if sign == nil then
        sign = ""
    end
    -- Replaced as a whole, so that removed pools take no room.
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
--- For the watching worker only. Any other worker would take away the names that the watching worker needs.
function ____exports.wantedPools(state, now)
    local reportedAt = {}
    local names = {}
    local hasSucceeded = false
    ---
    -- @returns whether the list had new names.
    local function takeIn(list, time)
        local isNews = false
        local length = state:llen(list)
        -- Take only as many as there are now, so that this loop ends while workers continue to report.
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

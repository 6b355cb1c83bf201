local ____exports = {}
local leave, say, isWithin, namesIn, SAID, HEARD, LONGEST
--- In place of what was left before.
function leave(state, names)
    state:delete(HEARD)
    for ____, name in ipairs(names) do
        -- dropped: without room for it, a successor hears the name from a worker later
        state:rpush(HEARD, name)
    end
end
--- @returns false if there is no room.
function say(state, poolName)
    local length = state:llen(SAID)
    if length ~= nil and length >= LONGEST then
        return false
    end
    local said = state:rpush(SAID, poolName)
    return said ~= nil
end
--- A time in the future is not: the clock was set back meanwhile.
function isWithin(seconds, since, time)
    return time >= since and time - since < seconds
end
function namesIn(heardAt)
    local names = {}
    for name in pairs(heardAt) do
        names[#names + 1] = name
    end
    return names
end
SAID = "wanted"
HEARD = "wanted_heard"
--- How often a worker says that a pool is used, seconds.
local SAY_SECONDS = 20
--- For how long a pool is checked that nobody says is used, seconds.
local KEPT_SECONDS = 60
LONGEST = 1000
---
-- @returns how a worker says that a pool with checks is used: to be called for each of its requests, for it costs one
-- look into a set, but once in 20 s. A name that cannot be said now is said by a later request.
-- @param sign what the cache's names of its table's pools begin with, after their `@`; see `Keys`
function ____exports.wantChecks(state, now, sign)
    if sign == nil then
        sign = ""
    end
    -- Emptied every so often rather than kept up name by name: pools that are gone take no room in it.
    local said = {}
    local saidSince = now()
    return function(poolName)
        local time = now()
        if not isWithin(SAY_SECONDS, saidSince, time) then
            said = {}
            saidSince = time
        end
        if not (said[poolName] ~= nil) and say(state, sign .. poolName) then
            said[poolName] = true
        end
    end
end
--- For the watching worker: in any other it would take away what that one needs to know.
function ____exports.wantedPools(state, now)
    local heardAt = {}
    local names = {}
    local hasSucceeded = false
    ---
    -- @returns whether there are new ones.
    local function hear(list, time)
        local isNews = false
        local length = state:llen(list)
        -- No more than there are now, so that this ends though workers go on saying names.
        for _ = 1, length or 0 do
            local said = state:lpop(list)
            if said == nil then
                break
            end
            local name = tostring(said)
            if not (heardAt[name] ~= nil) then
                isNews = true
            end
            heardAt[name] = time
        end
        return isNews
    end
    ---
    -- @returns whether there were any to forget.
    local function dropOld(time)
        local wereAny = false
        for name, heard in pairs(heardAt) do
            if not isWithin(KEPT_SECONDS, heard, time) then
                heardAt[name] = nil
                wereAny = true
            end
        end
        return wereAny
    end
    return {
        names = function()
            local time = now()
            local hasLeft = not hasSucceeded and hear(HEARD, time)
            hasSucceeded = true
            local hasNew = hear(SAID, time)
            if dropOld(time) or hasNew or hasLeft then
                names = namesIn(heardAt)
                leave(state, names)
            end
            return names
        end,
        forget = function()
            heardAt = {}
            names = {}
            hasSucceeded = false
        end
    }
end
return ____exports

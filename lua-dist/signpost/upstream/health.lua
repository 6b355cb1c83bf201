local ____exports = {}
local isLastStraw, MEMORY
function isLastStraw(state, name, rules)
    local counted = state:incr("fails:" .. name, 1, 0, MEMORY + rules.failWindow)
    local number = counted or 1
    state:set(
        (("fail:" .. name) .. ":") .. tostring(number),
        1,
        rules.failWindow
    )
    local first = number - rules.maxFails + 1
    local isWithinWindow = state:get((("fail:" .. name) .. ":") .. tostring(first))
    if isWithinWindow == nil then
        return false
    end
    for used = first, number do
        state:delete((("fail:" .. name) .. ":") .. tostring(used))
    end
    return true
end
--- No peer is out for longer than so many times its `failTimeout`.
local LONGEST = 16
MEMORY = 600
--- After so many seconds without news an outage is forgotten: the peer may have left, and its entry with it.
local LONGEST_OUT = 86400
---
-- @param state entries about the peer NAME:
-- - `out:NAME`: it is not up. For a day at most since it was last found so, for it may be gone for good.
-- - `rest:NAME`: until this expires, it is not due.
-- - `trial:NAME`: until this expires, one request has its trial.
-- - `outage:NAME`: how many seconds it was out for, last time. Once the peer is up, for as long again.
-- - `fails:NAME`: how many failures there were; `fail:NAME:N`: the Nth is still within its window.
-- 
-- Time is the dict's: what is to end is an entry with a lifetime.
-- @param changed moves the change clock: a peer has gone out or come back
function ____exports.newHealth(state, changed)
    local function has(key)
        local value = state:get(key)
        return value ~= nil
    end
    local function outageOf(name)
        local seconds = state:get("outage:" .. name)
        return seconds
    end
    local function put(key, value, seconds)
        state:set(key, value, seconds)
    end
    local function nextOutage(name, rules)
        local last = outageOf(name)
        if last == nil then
            return rules.failTimeout
        end
        return math.max(
            rules.failTimeout,
            math.min(2 * last, LONGEST * rules.failTimeout)
        )
    end
    ---
    -- @returns false: it was out before
    local function takeOut(name)
        local taken = state:add("out:" .. name, 1, LONGEST_OUT)
        if taken then
            changed()
        end
        return taken
    end
    local function countFailure(name, rules)
        if rules.maxFails == 0 or not isLastStraw(state, name, rules) then
            return
        end
        local seconds = nextOutage(name, rules)
        state:add("rest:" .. name, 1, seconds)
        if takeOut(name) then
            put("outage:" .. name, seconds, seconds + MEMORY)
        end
    end
    return {
        standing = function(name)
            if not has("out:" .. name) then
                return "up"
            end
            return (has("rest:" .. name) or has("trial:" .. name)) and "out" or "due"
        end,
        claimTrial = function(name, rules)
            local claimed, err = state:add(
                "trial:" .. name,
                1,
                outageOf(name) or rules.failTimeout
            )
            return claimed or err ~= "exists"
        end,
        trialUnused = function(name)
            state:delete("trial:" .. name)
        end,
        failed = function(name, rules)
            if not has("out:" .. name) then
                countFailure(name, rules)
            end
        end,
        trialFailed = function(name, rules)
            if not has("out:" .. name) then
                countFailure(name, rules)
                return
            end
            local seconds = nextOutage(name, rules)
            put("out:" .. name, 1, LONGEST_OUT)
            put("rest:" .. name, 1, seconds)
            put("outage:" .. name, seconds, seconds + MEMORY)
        end,
        succeeded = function(name)
            if not has("out:" .. name) then
                return
            end
            local seconds = outageOf(name)
            if seconds ~= nil then
                put("outage:" .. name, seconds, seconds)
            end
            state:delete("rest:" .. name)
            state:delete("out:" .. name)
            changed()
        end,
        holdOut = function(name, seconds)
            put("rest:" .. name, 1, seconds)
            if not takeOut(name) then
                put("out:" .. name, 1, LONGEST_OUT)
            end
        end
    }
end
return ____exports

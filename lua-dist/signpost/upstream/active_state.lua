local ____exports = {}
local newStreak, isAnyFailing
function newStreak(check)
    return {peer = check.peer, failures = 0, successes = 0, isFailing = false}
end
function isAnyFailing(streaks, peer)
    for ____, streak in pairs(streaks) do
        if streak.peer == peer and streak.isFailing then
            return true
        end
    end
    return false
end
--- For how many intervals, and the time it may take, a failed check keeps a peer out: the next ends well before that.
local HELD_INTERVALS = 3
--- And for so long that another worker can take over.
local TAKEOVER_SECONDS = 1
function ____exports.activeState(health)
    local streaks = {}
    local function streakOf(check)
        local streak = streaks[check.id] or newStreak(check)
        streaks[check.id] = streak
        return streak
    end
    return {
        passed = function(check)
            local streak = streakOf(check)
            local wasFailing = streak.isFailing
            streak.failures = 0
            if health.standing(check.peer) == "up" then
                streak.successes = 0
                streak.isFailing = false
                return wasFailing
            end
            streak.successes = streak.successes + 1
            if streak.successes < check.rise then
                return false
            end
            streak.isFailing = false
            if not isAnyFailing(streaks, check.peer) then
                health.succeeded(check.peer)
            end
            return wasFailing
        end,
        failed = function(check)
            local streak = streakOf(check)
            streak.successes = 0
            streak.failures = streak.failures + 1
            local wasFailing = streak.isFailing
            if streak.failures < check.fall and not wasFailing and health.standing(check.peer) == "up" then
                return false
            end
            streak.isFailing = true
            health.holdOut(check.peer, HELD_INTERVALS * check.interval + check.timeout + TAKEOVER_SECONDS)
            return not wasFailing
        end,
        keep = function(checks)
            local kept = {}
            for ____, check in ipairs(checks) do
                kept[check.id] = streakOf(check)
            end
            streaks = kept
        end
    }
end
return ____exports

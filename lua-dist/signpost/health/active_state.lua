local ____exports = {}
local newStreak
function newStreak()
    return {failures = 0, successes = 0, isFailing = false}
end
--- A failed check keeps a peer out for this many intervals plus the check's timeout. The next check ends well before
-- that.
local HELD_INTERVALS = 3
--- Added to that time so that another worker can take over, seconds.
local TAKEOVER_SECONDS = 1
function ____exports.activeState(health)
    local streaks = {}
    local function streakOf(check)
        local streak = streaks[check.id] or newStreak()
        streaks[check.id] = streak
        return streak
    end
    return {
        passed = function(check)
            local streak = streakOf(check)
            local wasFailing = streak.isFailing
            streak.failures = 0
            if health.standing(check.id) == "up" then
                streak.successes = 0
                streak.isFailing = false
                return wasFailing
            end
            streak.successes = streak.successes + 1
            if streak.successes < check.rise then
                return false
            end
            streak.isFailing = false
            health.succeeded(check.id)
            return wasFailing
        end,
        failed = function(check)
            local streak = streakOf(check)
            streak.successes = 0
            streak.failures = streak.failures + 1
            local wasFailing = streak.isFailing
            -- One failure keeps out a peer that is out already. So it stays out when another worker takes over the checks and
            -- counts from zero.
            if streak.failures < check.fall and not wasFailing and health.standing(check.id) == "up" then
                return false
            end
            streak.isFailing = true
            health.holdOut(check.id, HELD_INTERVALS * check.interval + check.timeout + TAKEOVER_SECONDS)
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

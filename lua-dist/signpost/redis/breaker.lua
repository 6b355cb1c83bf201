local ____exports = {}
---
-- @param failures how many failed look-ups in a row open it
function ____exports.newBreaker(now, failures, pauseSeconds)
    local failedInRow = 0
    local nextTrialAt = 0
    local function isOpen()
        return failedInRow >= failures
    end
    return {
        isOpen = isOpen,
        allows = function()
            if not isOpen() then
                return true
            end
            local time = now()
            local wait = nextTrialAt - time
            -- A wait longer than the pause means that the clock was set back meanwhile.
            if wait > 0 and wait <= pauseSeconds then
                return false
            end
            -- The next trial is set now: a trial whose outcome is never reported costs one pause, not the whole worker.
            nextTrialAt = time + pauseSeconds
            return true
        end,
        succeeded = function()
            failedInRow = 0
        end,
        failed = function()
            failedInRow = failedInRow + 1
            if isOpen() then
                nextTrialAt = now() + pauseSeconds
            end
        end
    }
end
return ____exports

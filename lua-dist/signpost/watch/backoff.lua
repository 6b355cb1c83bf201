local ____exports = {}
local FIRST_SECONDS = 0.1
local LONGEST_SECONDS = 5
---
-- @param random gives numbers from 0 to 1
function ____exports.newBackoff(random)
    local longest = FIRST_SECONDS
    return {
        next = function()
            local seconds = longest * (0.5 + 0.5 * random())
            longest = math.min(2 * longest, LONGEST_SECONDS)
            return seconds
        end,
        reset = function()
            longest = FIRST_SECONDS
        end
    }
end
return ____exports

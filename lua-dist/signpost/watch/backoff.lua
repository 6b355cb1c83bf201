local ____exports = {}
local FIRST_SECONDS = 0.1
local LONGEST_SECONDS = 5
---
-- @param random returns numbers from 0 to 1
function ____exports.newBackoff(random)
    local limit = FIRST_SECONDS
    return {
        next = function()
            local seconds = limit * (0.5 + 0.5 * random())
            limit = math.min(2 * limit, LONGEST_SECONDS)
            return seconds
        end,
        reset = function()
            limit = FIRST_SECONDS
        end
    }
end
return ____exports

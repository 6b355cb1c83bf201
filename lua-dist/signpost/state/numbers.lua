local ____exports = {}
--- Equals no number, not even itself.
local NOTHING = 0 / 0
---
-- @param state may evict other entries to make room, because nothing is correct without these numbers
function ____exports.growingNumbers(state)
    local function readOrBegin(key, first)
        -- dropped: the number that is there now counts, whoever added it
        state:add(
            key,
            first()
        )
        local value = state:get(key)
        return value or NOTHING
    end
    return {
        read = function(key)
            local value = state:get(key)
            return value or 0
        end,
        readOrBegin = readOrBegin,
        move = function(key, first)
            local moved = state:incr(key, 1)
            if moved ~= nil then
                return moved
            end
            readOrBegin(key, first)
            local begun = state:incr(key, 1)
            return begun or NOTHING
        end
    }
end
return ____exports

local ____exports = {}
local ____keys = require("signpost.state.keys")
local STATE_KEYS = ____keys.STATE_KEYS
---
-- @returns the completeness of the records, as all workers of the node see it.
function ____exports.newCompleteness(state)
    return {
        declare = function()
            -- dropped: without it, some absent names count as unknown
            state:safe_set(STATE_KEYS.complete, 1)
        end,
        revoke = function()
            state:delete(STATE_KEYS.complete)
        end,
        holds = function()
            local declared = state:get(STATE_KEYS.complete)
            return declared == 1
        end
    }
end
return ____exports

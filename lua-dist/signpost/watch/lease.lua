local ____exports = {}
local KEY = "watcher"
--- Without renewal, a lease ends after this many seconds: so soon another worker takes over from one that died.
local LEASE_SECONDS = 0.8
---
-- @param me distinguishes the workers: the process id
function ____exports.newLease(state, me)
    local function isMine()
        local holder = state:get(KEY)
        return holder == me
    end
    return {
        isMine = isMine,
        hold = function()
            if isMine() then
                state:set(KEY, me, LEASE_SECONDS)
                return true
            end
            local taken = state:add(KEY, me, LEASE_SECONDS)
            return taken
        end,
        release = function()
            if isMine() then
                state:delete(KEY)
            end
        end
    }
end
return ____exports

local ____exports = {}
local ____ngx_2Esemaphore = require("ngx.semaphore")
local newSemaphore = ____ngx_2Esemaphore.new
---
-- @returns a closed gate. Light threads wait for it on a semaphore, without polling.
function ____exports.newGate()
    local semaphore, err = newSemaphore(0)
    local waiting = 0
    local open = false
    return {
        wait = function(seconds)
            if open then
                return true
            end
            if err ~= nil then
                return false
            end
            waiting = waiting + 1
            local passed = semaphore:wait(seconds)
            waiting = waiting - 1
            return passed == true
        end,
        open = function()
            open = true
            if waiting > 0 and err == nil then
                semaphore:post(waiting)
            end
        end
    }
end
return ____exports

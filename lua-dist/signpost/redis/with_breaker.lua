local ____exports = {}
--- What its lines in the log are about.
local SUBJECT = "reading Redis"
---
-- @returns a reader that does not ask Redis while the breaker is open, and whose failures are counted and logged: each
-- while the breaker is closed, then only that Redis answers again.
function ____exports.guarded(read, guards)
    local ____guards_0 = guards
    local breaker = ____guards_0.breaker
    local log = ____guards_0.log
    local count = ____guards_0.count
    return function(names)
        if not breaker.allows() then
            return nil, "redis_down", "Redis did not answer lately and is tried again soon"
        end
        count("lookups")
        local readings, err, detail = read(names)
        if err == "busy" then
            count("busy")
            return nil, err, detail
        end
        -- Asked now, not before the read: of many that fail together, only those that open the breaker are logged.
        local wasOpen = breaker.isOpen()
        if err ~= nil then
            breaker.failed()
            count("lookup_failures")
            if not wasOpen then
                log.error(((err .. ": ") .. detail) .. "; known hosts are served as they were", SUBJECT)
            end
            return nil, err, detail
        end
        breaker.succeeded()
        if wasOpen then
            log.warn("Redis answers again", SUBJECT)
        end
        return readings, nil
    end
end
return ____exports

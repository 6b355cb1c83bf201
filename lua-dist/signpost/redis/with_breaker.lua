local ____exports = {}
--- The subject of its log lines: the log limits how often it repeats a subject.
local SUBJECT = "reading Redis"
---
-- @returns a reader that does not ask Redis while the breaker is open. It counts every failure, and logs each one
-- while the breaker is closed; after that, it logs only that Redis answers again.
function ____exports.withBreaker(read, parts)
    local ____parts_0 = parts
    local breaker = ____parts_0.breaker
    local log = ____parts_0.log
    local count = ____parts_0.count
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
        -- Checked after the read: if many reads fail together, only those up to the opening are logged.
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

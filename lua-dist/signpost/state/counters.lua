local ____exports = {}
--- What is counted, and what each count means; all workers add to the same numbers.
____exports.COUNTERS = {
    lookups = "reads of routes and pools from Redis, one for all names asked for at once",
    lookup_failures = "reads that Redis did not answer",
    bad_routes = "route and pool values that could not be used, counted once for each change",
    evictions = "records that pushed others out of a full shared dict",
    store_failures = "records that a full shared dict did not take",
    busy = "look-ups refused because max_lookups were under way"
}
local KEY_PREFIX = "count:"
--- Counts in the state dict. A dict too full to count in loses the count, never the request nor another entry.
function ____exports.counting(state)
    return function(counter)
        local key = KEY_PREFIX .. counter
        local counted = state:incr(key, 1)
        if counted == nil then
            local isFirst = state:safe_add(key, 1)
            if not isFirst then
                -- dropped: see above
                state:incr(key, 1)
            end
        end
    end
end
---
-- @returns a counter's value on this node.
function ____exports.countOf(state, counter)
    local value = state:get(KEY_PREFIX .. counter)
    return tonumber(value) or 0
end
return ____exports

local ____exports = {}
local ____keys = require("signpost.state.keys")
local STATE_PREFIXES = ____keys.STATE_PREFIXES
--- What is counted, and what each count means. All workers add to the same numbers.
____exports.COUNTERS = {
    lookups = "reads of routes and pools from Redis; names read together count once",
    lookup_failures = "reads that Redis did not answer",
    bad_routes = "route and pool values that could not be used; each change counts once",
    evictions = "records that evicted others from a full shared dict",
    store_failures = "records that a full shared dict had no room for",
    busy = "look-ups refused because max_lookups were under way"
}
--- Counts in the state dict. If the dict has no room for a counter, the count is lost; the request and all other
-- entries are unharmed.
function ____exports.counting(state)
    return function(counter)
        local key = STATE_PREFIXES.count .. counter
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
    local value = state:get(STATE_PREFIXES.count .. counter)
    return tonumber(value) or 0
end
return ____exports

local ____exports = {}
local describe
local ____counters = require("signpost.state.counters")
local COUNTERS = ____counters.COUNTERS
local countOf = ____counters.countOf
function describe(lines, metric, ____type, help)
    lines[#lines + 1] = (("# HELP " .. metric) .. " ") .. help
    lines[#lines + 1] = (("# TYPE " .. metric) .. " ") .. ____type
end
---
-- @returns the node's state and counters in the Prometheus text format, by name
-- (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format)
function ____exports.exposition(state, isTracking)
    local names = {}
    for name in pairs(COUNTERS) do
        names[#names + 1] = name
    end
    table.sort(names)
    local lines = {}
    describe(lines, "signpost_tracking", "gauge", "1 while changes are pushed; 0 while routes are polled every cache_ttl")
    lines[#lines + 1] = "signpost_tracking " .. tostring(isTracking and 1 or 0)
    for ____, name in ipairs(names) do
        local metric = ("signpost_" .. name) .. "_total"
        describe(lines, metric, "counter", COUNTERS[name])
        lines[#lines + 1] = (metric .. " ") .. tostring(countOf(state, name))
    end
    return table.concat(lines, "\n") .. "\n"
end
return ____exports

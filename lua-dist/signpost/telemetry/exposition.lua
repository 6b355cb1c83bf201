local ____exports = {}
local ____counters = require("signpost.telemetry.counters")
local COUNTERS = ____counters.COUNTERS
local countOf = ____counters.countOf
---
-- @returns the node's counters in the Prometheus text format, by name
-- (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format)
function ____exports.exposition(state)
    local names = {}
    for name in pairs(COUNTERS) do
        names[#names + 1] = name
    end
    table.sort(names)
    local lines = {}
    for ____, name in ipairs(names) do
        local metric = ("signpost_" .. name) .. "_total"
        lines[#lines + 1] = (("# HELP " .. metric) .. " ") .. COUNTERS[name]
        lines[#lines + 1] = ("# TYPE " .. metric) .. " counter"
        lines[#lines + 1] = (metric .. " ") .. tostring(countOf(state, name))
    end
    return table.concat(lines, "\n") .. "\n"
end
return ____exports

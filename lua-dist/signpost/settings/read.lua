local ____exports = {}
local isTable, checkPrefixes, settle
local ____complaint = require("signpost.routing.complaint")
local quote = ____complaint.quote
local ____endpoint = require("signpost.settings.endpoint")
local checkLogin = ____endpoint.checkLogin
local mergeEndpoint = ____endpoint.mergeEndpoint
local readUrl = ____endpoint.readUrl
local ____knobs = require("signpost.settings.knobs")
local KNOBS = ____knobs.KNOBS
local ____text = require("signpost.settings.text")
local describeType = ____text.describeType
local ____values = require("signpost.settings.values")
local checkNames = ____values.checkNames
local readValues = ____values.readValues
function isTable(value)
    return type(value) == "table"
end
function checkPrefixes(values, problems)
    local ____values_0 = values
    local route = ____values_0.route_prefix
    local pool = ____values_0.pool_prefix
    if route ~= nil and route == pool then
        problems[#problems + 1] = ("pool_prefix: expected another than route_prefix, got " .. quote(pool)) .. " for both"
    end
end
function settle(values, url)
    local settings = {}
    for name, knob in pairs(KNOBS) do
        if knob.part == nil then
            settings[name] = values[name]
        end
    end
    settings.endpoint = mergeEndpoint(url, values)
    return settings
end
--- What `init` was given, checked and filled up.
-- 
-- `bad_settings`: the detail holds all problems, one a line, sorted, and no password. What was given and is wrong is
-- never replaced by a fallback.
function ____exports.readSettings(given)
    if not isTable(given) then
        return nil, "bad_settings", "settings: expected a table, got " .. describeType(given)
    end
    local problems = {}
    checkNames(given, problems)
    local values = readValues(given, problems)
    local url = readUrl(values, problems)
    if url ~= nil then
        checkLogin(given, url, problems)
    end
    checkPrefixes(values, problems)
    if #problems > 0 then
        table.sort(problems)
        return nil, "bad_settings", table.concat(problems, "\n")
    end
    return settle(values, url), nil
end
return ____exports

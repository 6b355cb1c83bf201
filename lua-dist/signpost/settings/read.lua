local ____exports = {}
local isTable, checkPrefixes, checkOrigin, checkAlone, settingsFrom
local ____key_spaces = require("signpost.redis.key_spaces")
local KEY_SPACES = ____key_spaces.KEY_SPACES
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
local ____endpoint = require("signpost.settings.endpoint")
local checkLogin = ____endpoint.checkLogin
local mergeEndpoint = ____endpoint.mergeEndpoint
local readUrl = ____endpoint.readUrl
local ____knobs = require("signpost.settings.knobs")
local KNOBS = ____knobs.KNOBS
local ____numbers = require("signpost.text.numbers")
local describeType = ____numbers.describeType
local ____tables = require("signpost.settings.tables")
local checkTablePrefixes = ____tables.checkTablePrefixes
local ____values = require("signpost.settings.values")
local checkNames = ____values.checkNames
local readValues = ____values.readValues
function isTable(value)
    return type(value) == "table"
end
function checkPrefixes(values, problems)
    local defaults = {}
    local settingOf = {}
    for ____, ____value in ipairs(KEY_SPACES) do
        local prefixSetting = ____value.prefixSetting
        local prefix = values[prefixSetting]
        if prefix == nil then
            return
        end
        local other = settingOf[prefix]
        if other ~= nil then
            problems[#problems + 1] = ((((prefixSetting .. ": expected another than ") .. other) .. ", got ") .. quote(prefix)) .. " for both"
        end
        settingOf[prefix] = prefixSetting
        defaults[prefixSetting] = prefix
    end
    if values.tables ~= nil then
        checkTablePrefixes(defaults, values.tables, problems)
    end
end
--- Checks that routes come from Redis or a file, by absolute paths. `snapshot` needs Redis, because it is a copy of it.
function checkOrigin(given, values, problems)
    if not (given.redis ~= nil) and not (given.routes_file ~= nil) then
        problems[#problems + 1] = "redis: must be given, or routes_file in its place"
    end
    for ____, name in ipairs({"routes_file", "snapshot"}) do
        local path = values[name]
        if path ~= nil and string.sub(path, 1, 1) ~= "/" then
            problems[#problems + 1] = (name .. ": expected an absolute path, got ") .. quote(path)
        end
    end
    if given.routes_file ~= nil then
        checkAlone(given, problems)
    end
end
--- Refuses the settings of Redis and `snapshot` beside `routes_file`, which replaces Redis.
function checkAlone(given, problems)
    for ____, name in ipairs({"redis", "snapshot"}) do
        if given[name] ~= nil then
            problems[#problems + 1] = ("routes_file: expected no " .. name) .. " beside it"
        end
    end
    for ____, name in ipairs({"redis_user", "redis_password", "redis_database"}) do
        if not (given.redis ~= nil) and given[name] ~= nil then
            problems[#problems + 1] = name .. ": expected redis with it, got routes_file"
        end
    end
end
function settingsFrom(values, url)
    local settings = {}
    for name, knob in pairs(KNOBS) do
        if knob.part == nil then
            settings[name] = values[name]
        end
    end
    if url ~= nil then
        settings.endpoint = mergeEndpoint(url, values)
    end
    return settings
end
--- Checks the settings given to `init` and adds the fallbacks.
-- 
-- `bad_settings`: the detail lists all problems, one per line, sorted. It never contains a password. A wrong value is
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
    checkOrigin(given, values, problems)
    if #problems > 0 then
        table.sort(problems)
        return nil, "bad_settings", table.concat(problems, "\n")
    end
    -- Without problems, every value is present.
    return settingsFrom(values, url), nil
end
return ____exports

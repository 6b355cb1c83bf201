local ____exports = {}
local problemWithName, problemWithTable, isPrefixSetting, prefixSettings, checkPrefixesOf, checkOne, sortedNames, checkPair, NAME_BYTES, PREFIX_BYTES
local ____key_spaces = require("signpost.redis.key_spaces")
local KEY_SPACES = ____key_spaces.KEY_SPACES
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
local ____scan = require("signpost.text.scan")
local matches = ____scan.matches
local ____numbers = require("signpost.text.numbers")
local describe = ____numbers.describe
--- Checks a table's name. It appears in nginx's configuration, and before names in the cache: see `Keys`.
function problemWithName(name)
    if type(name) == "string" and #name <= NAME_BYTES and matches(name, "^[a-z][a-z0-9_]*$") then
        return nil
    end
    return (("expected names of at most " .. tostring(NAME_BYTES)) .. " bytes, a to z, 0 to 9 and _, got ") .. describe(name)
end
function problemWithTable(name, given)
    if type(given) ~= "table" then
        return (((name .. ": expected a table with ") .. prefixSettings()) .. ", got ") .. describe(given)
    end
    local fields = given
    for ____, ____value in ipairs(KEY_SPACES) do
        local part = ____value.prefixSetting
        local prefix = fields[part]
        if type(prefix) ~= "string" or prefix == "" or #prefix > PREFIX_BYTES then
            local got = type(prefix) == "string" and tostring(#prefix) .. " bytes" or describe(prefix)
            return (((((name .. ".") .. part) .. ": expected a string of 1 to ") .. tostring(PREFIX_BYTES)) .. " bytes, got ") .. got
        end
    end
    for field in pairs(fields) do
        if not isPrefixSetting(field) then
            return ((((name .. ": expected ") .. prefixSettings()) .. ", got ") .. describe(field)) .. " too"
        end
    end
    return nil
end
function isPrefixSetting(field)
    for ____, ____value in ipairs(KEY_SPACES) do
        local prefixSetting = ____value.prefixSetting
        if field == prefixSetting then
            return true
        end
    end
    return false
end
--- @returns the settings that a table must have, as text for a message.
function prefixSettings()
    local names = {}
    for ____, ____value in ipairs(KEY_SPACES) do
        local prefixSetting = ____value.prefixSetting
        names[#names + 1] = prefixSetting
    end
    return table.concat(names, " and ")
end
function checkPrefixesOf(name, own, seen, problems)
    for ____, ____value in ipairs(KEY_SPACES) do
        local prefixSetting = ____value.prefixSetting
        checkOne({prefix = own[prefixSetting], place = (name .. ".") .. prefixSetting, table = name}, seen, problems)
    end
end
--- Checks a prefix against those in `seen`, then adds it to them.
function checkOne(given, seen, problems)
    for ____, other in ipairs(seen) do
        checkPair(given, other, problems)
    end
    seen[#seen + 1] = given
end
function sortedNames(tables)
    local names = {}
    for name in pairs(tables) do
        names[#names + 1] = name
    end
    table.sort(names)
    return names
end
function checkPair(given, other, problems)
    local shorter, longer = unpack(#given.prefix <= #other.prefix and ({given.prefix, other.prefix}) or ({other.prefix, given.prefix}), 1, 2)
    local isShared = string.sub(longer, 1, #shorter) == shorter
    if isShared and (given.table ~= other.table or given.prefix == other.prefix) then
        local wanted = "expected a prefix that shares no key with " .. other.place
        problems[#problems + 1] = (((((("tables: " .. given.place) .. ": ") .. wanted) .. ", got ") .. quote(given.prefix)) .. " beside ") .. quote(other.prefix)
    end
end
NAME_BYTES = 32
PREFIX_BYTES = 128
--- Checks the value of a setting that defines tables by name.
-- 
-- @returns what was expected and what was given, or nothing if the value is valid
function ____exports.problemWithTables(range, value)
    if type(value) ~= "table" then
        return "expected a table of tables by name, got " .. describe(value)
    end
    for name in pairs(value) do
        local problem = problemWithName(name)
        if problem ~= nil then
            return problem
        end
    end
    local tables = value
    local names = sortedNames(tables)
    for ____, name in ipairs(names) do
        local problem = problemWithTable(name, tables[name])
        if problem ~= nil then
            return problem
        end
    end
    local count = #names
    if count < range.min or count > range.max then
        return (((("expected " .. tostring(range.min)) .. " to ") .. tostring(range.max)) .. " tables, got ") .. tostring(count)
    end
    return nil
end
--- Adds a problem for each two prefixes of different tables if one begins with the other, and for two equal prefixes of
-- one further table. So no key belongs to two tables, and no table's routes can name another table's pools. Example:
-- the pool `internal:web` under the prefix `pool:` has the same key as the pool `web` under the prefix
-- `pool:internal:`.
function ____exports.checkTablePrefixes(defaults, tables, problems)
    local seen = {}
    for ____, ____value in ipairs(KEY_SPACES) do
        local prefixSetting = ____value.prefixSetting
        seen[#seen + 1] = {prefix = defaults[prefixSetting], place = prefixSetting}
    end
    for ____, name in ipairs(sortedNames(tables)) do
        local own = tables[name]
        if own ~= nil then
            checkPrefixesOf(name, own, seen, problems)
        end
    end
end
return ____exports

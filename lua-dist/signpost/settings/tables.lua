local ____exports = {}
local problemWithName, problemWithTable, checkOne, sortedNames, checkPair, PARTS, NAME_BYTES, PREFIX_BYTES
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
local ____scan = require("signpost.text.scan")
local matches = ____scan.matches
local ____numbers = require("signpost.text.numbers")
local describe = ____numbers.describe
--- It stands in nginx's configuration, and before names in the cache: see `Keys`.
function problemWithName(name)
    if type(name) == "string" and #name <= NAME_BYTES and matches(name, "^[a-z][a-z0-9_]*$") then
        return nil
    end
    return (("expected names of at most " .. tostring(NAME_BYTES)) .. " bytes, a to z, 0 to 9 and _, got ") .. describe(name)
end
function problemWithTable(name, given)
    if type(given) ~= "table" then
        return (name .. ": expected a table with route_prefix and pool_prefix, got ") .. describe(given)
    end
    local fields = given
    for ____, part in ipairs(PARTS) do
        local prefix = fields[part]
        if type(prefix) ~= "string" or prefix == "" or #prefix > PREFIX_BYTES then
            local got = type(prefix) == "string" and tostring(#prefix) .. " bytes" or describe(prefix)
            return (((((name .. ".") .. part) .. ": expected a string of 1 to ") .. tostring(PREFIX_BYTES)) .. " bytes, got ") .. got
        end
    end
    for field in pairs(fields) do
        if field ~= "route_prefix" and field ~= "pool_prefix" then
            return ((name .. ": expected route_prefix and pool_prefix, got ") .. describe(field)) .. " too"
        end
    end
    return nil
end
--- Adds to `seen` what was checked against it.
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
PARTS = {"route_prefix", "pool_prefix"}
NAME_BYTES = 32
PREFIX_BYTES = 128
--- Whether `value` may be tables by name.
-- 
-- @returns what was expected and what was given instead, or nothing if it may
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
    local ____temp_0
    if count >= range.min and count <= range.max then
        ____temp_0 = nil
    else
        ____temp_0 = (((("expected " .. tostring(range.min)) .. " to ") .. tostring(range.max)) .. " tables, got ") .. tostring(count)
    end
    return ____temp_0
end
--- Adds a problem for each two prefixes of which one begins with the other, and which are not the default table's: then no
-- key is of two tables, and no table's routes can name another's pools (`pool:` has a pool `internal:web`, whose key is
-- that of `web` where the prefix is `pool:internal:`).
function ____exports.checkTablePrefixes(routePrefix, poolPrefix, tables, problems)
    local seen = {{prefix = routePrefix, place = "route_prefix"}, {prefix = poolPrefix, place = "pool_prefix"}}
    for ____, name in ipairs(sortedNames(tables)) do
        local ____temp_1 = tables[name] or ({})
        local route_prefix = ____temp_1.route_prefix
        if route_prefix == nil then
            route_prefix = ""
        end
        local pool_prefix = ____temp_1.pool_prefix
        if pool_prefix == nil then
            pool_prefix = ""
        end
        checkOne({prefix = route_prefix, place = name .. ".route_prefix", table = name}, seen, problems)
        checkOne({prefix = pool_prefix, place = name .. ".pool_prefix", table = name}, seen, problems)
    end
end
return ____exports

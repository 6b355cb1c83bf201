local ____exports = {}
local rangesOf, addRanges, tellName, begins, TABLE_END
local ____key_spaces = require("signpost.redis.key_spaces")
local KEY_SPACES = ____key_spaces.KEY_SPACES
local spaceOf = ____key_spaces.spaceOf
---
-- @param table nothing: the default one
-- @returns the prefix of the cache's names for one space of a table
function ____exports.beginningOf(space, ____table)
    return ____table == nil and space.sign or (space.sign .. ____table) .. TABLE_END
end
function rangesOf(defaults, tables)
    local ranges = {}
    addRanges(ranges, defaults, nil)
    for name, own in pairs(tables) do
        addRanges(ranges, own, name)
    end
    return ranges
end
function addRanges(ranges, prefixes, ____table)
    for ____, space in ipairs(KEY_SPACES) do
        ranges[#ranges + 1] = {
            space = space,
            prefix = prefixes[space.prefixSetting],
            beginning = ____exports.beginningOf(space, ____table)
        }
    end
end
function tellName(range, key, tell, unmatchable)
    local ____range_1 = range
    local space = ____range_1.space
    local prefix = ____range_1.prefix
    local beginning = ____range_1.beginning
    local length = #key - #prefix
    if length < 1 or length > space.longestName or not begins(key, prefix) then
        return
    end
    local rest = string.sub(key, #prefix + 1)
    local slash = string.find(rest, TABLE_END, 1, true)
    -- `route:@web` is neither a host's key nor the pool @web's: its name would be of another space.
    if slash ~= nil or spaceOf(space.sign .. rest) ~= space then
        return
    end
    if unmatchable ~= nil then
        local meant = space.meantName(rest, prefix == "")
        if meant ~= nil then
            unmatchable(key, prefix .. meant)
        end
    end
    -- Most keys are routes of the default table: their names are what follows the prefix.
    tell(beginning == "" and rest or beginning .. rest)
end
function begins(text, prefix)
    local at = string.find(text, prefix, 1, true)
    return at == 1
end
TABLE_END = "/"
--- Splits a name without its sign.
-- 
-- @returns the table (nothing: the default one), and the name in it.
function ____exports.splitTable(name)
    local ____table, rest = string.match(name, "^([^/]*)/(.*)$")
    return ____table, rest or name
end
---
-- @param defaults the prefixes of the default table
-- @param tables the others, by name; no prefix of one table may begin with one of another
-- @param unmatchable called for each key that `eachName` gets and no request can match
function ____exports.newKeys(defaults, tables, unmatchable)
    if tables == nil then
        tables = {}
    end
    local ranges = rangesOf(defaults, tables)
    local prefixes = {}
    local prefixByBeginning = {}
    for ____, ____value in ipairs(ranges) do
        local prefix = ____value.prefix
        local beginning = ____value.beginning
        prefixes[#prefixes + 1] = prefix
        prefixByBeginning[beginning] = prefix
    end
    local expected = table.concat(prefixes, " or ")
    table.sort(
        ranges,
        function(one, other) return #one.prefix > #other.prefix end
    )
    local function split(name)
        -- A name without a slash belongs to the default table; no beginning is a slash alone.
        local beginning = string.match(name, "^[^/]*/")
        if beginning == nil then
            beginning = TABLE_END
        end
        local prefix = prefixByBeginning[beginning]
        if prefix ~= nil then
            return prefix, string.sub(name, #beginning + 1)
        end
        local ____spaceOf_result_0 = spaceOf(name)
        local sign = ____spaceOf_result_0.sign
        return prefixByBeginning[sign] or "", string.sub(name, #sign + 1)
    end
    return {
        expected = expected,
        prefixes = prefixes,
        prefixOf = function(name)
            local prefix = split(name)
            return prefix
        end,
        keyOf = function(name)
            local prefix, rest = split(name)
            return prefix .. rest
        end,
        eachName = function(key, tell)
            for ____, range in ipairs(ranges) do
                tellName(range, key, tell, unmatchable)
            end
        end,
        covers = function(key)
            for ____, ____value in ipairs(ranges) do
                local prefix = ____value.prefix
                if begins(key, prefix) then
                    return true
                end
            end
            return false
        end
    }
end
return ____exports

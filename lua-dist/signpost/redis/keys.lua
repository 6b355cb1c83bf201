local ____exports = {}
local tellName, begins, SIGN_BYTE, TABLE_END, HOST_BYTES
local ____target = require("signpost.format.target")
local POOL_NAME_BYTES = ____target.POOL_NAME_BYTES
local ____written_host = require("signpost.format.written_host")
local matchableName = ____written_host.matchableName
---
-- @returns whether a name of the cache is a pool's: no host's begins so.
function ____exports.isPoolName(name)
    return string.byte(name) == SIGN_BYTE
end
function tellName(space, key, tell, unmatchable)
    local ____space_0 = space
    local prefix = ____space_0.prefix
    local sign = ____space_0.sign
    local isOfPools = ____space_0.isOfPools
    local length = #key - #prefix
    if length < 1 or length > (isOfPools and POOL_NAME_BYTES or HOST_BYTES) or not begins(key, prefix) then
        return
    end
    local rest = string.sub(key, #prefix + 1)
    local slash = string.find(rest, TABLE_END, 1, true)
    -- `route:@web` is neither a host's key nor the pool @web's.
    if slash ~= nil or not isOfPools and ____exports.isPoolName(rest) then
        return
    end
    if not isOfPools and unmatchable ~= nil then
        local meant = matchableName(rest, prefix == "")
        if meant ~= nil then
            unmatchable(key, prefix .. meant)
        end
    end
    tell(sign == "" and rest or sign .. rest)
end
function begins(text, prefix)
    local at = string.find(text, prefix, 1, true)
    return at == 1
end
--- What a pool's name begins with in the cache, where pools are held next to the hosts: `@web`, as targets write it.
____exports.POOL_SIGN = "@"
SIGN_BYTE = 64
TABLE_END = "/"
HOST_BYTES = 254
---
-- @returns what the cache's names of a table's routes begin with, and those of its pools after the `@`.
function ____exports.signOf(____table)
    return ____table .. TABLE_END
end
---
-- @returns of a pool's name in the cache, without its sign, the table (nothing: the default one) and the name there.
function ____exports.splitPoolName(name)
    local ____table, rest = string.match(name, "^([^/]*)/(.*)$")
    return ____table, rest or name
end
---
-- @param routePrefix of the default table
-- @param poolPrefix another than `routePrefix`; either may be empty
-- @param tables the others, by name; no prefix of one table may begin with one of another
-- @param unmatchable told of such keys as `eachName` is asked for
function ____exports.newKeys(routePrefix, poolPrefix, tables, unmatchable)
    if tables == nil then
        tables = {}
    end
    local addSpace
    local spaces = {}
    local prefixes = {}
    local bySign = {}
    local function add(sign, ____bindingPattern0)
        local pool_prefix
        local route_prefix
        route_prefix = ____bindingPattern0.route_prefix
        pool_prefix = ____bindingPattern0.pool_prefix
        addSpace(sign, route_prefix, false)
        addSpace(____exports.POOL_SIGN .. sign, pool_prefix, true)
    end
    addSpace = function(sign, prefix, isOfPools)
        spaces[#spaces + 1] = {prefix = prefix, sign = sign, isOfPools = isOfPools}
        prefixes[#prefixes + 1] = prefix
        bySign[sign] = prefix
    end
    add("", {route_prefix = routePrefix, pool_prefix = poolPrefix})
    for name, own in pairs(tables) do
        add(
            ____exports.signOf(name),
            own
        )
    end
    local expected = table.concat(prefixes, " or ")
    table.sort(
        spaces,
        function(one, other) return #one.prefix > #other.prefix end
    )
    ---
    -- @returns what a name begins with that says of which space it is, and that space's prefix.
    local function spaceOf(name)
        local ____table = string.match(name, "^[^/]*/")
        if ____table == nil then
            ____table = ""
        end
        local prefix = bySign[____table]
        if prefix ~= nil and ____table ~= "" then
            return ____table, prefix
        end
        if ____exports.isPoolName(name) then
            return ____exports.POOL_SIGN, poolPrefix
        end
        return "", routePrefix
    end
    return {
        expected = expected,
        prefixes = prefixes,
        prefixOf = function(name)
            local ____, prefix = spaceOf(name)
            return prefix
        end,
        keyOf = function(name)
            local sign, prefix = spaceOf(name)
            return prefix .. string.sub(name, #sign + 1)
        end,
        eachName = function(key, tell)
            for ____, space in ipairs(spaces) do
                tellName(space, key, tell, unmatchable)
            end
        end,
        covers = function(key)
            for ____, ____value in ipairs(spaces) do
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

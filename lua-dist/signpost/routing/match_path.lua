local ____exports = {}
local isWithin, SLASH
function isWithin(prefix, uri)
    local length = #prefix
    if length > #uri or length < #uri and string.byte(uri, length + 1) ~= SLASH then
        return false
    end
    -- Backwards, because prefixes differ at their ends. Lua's plain find would be shorter, but where it does not match
    -- at once it searches the rest of the path: 256 prefixes and a path of 8,000 bytes took milliseconds.
    for i = length, 1, -1 do
        if string.byte(prefix, i) ~= string.byte(uri, i) then
            return false
        end
    end
    return true
end
SLASH = 47
--- Finds the entry that a path belongs to. The longest prefix wins, and ends where a segment ends: `/api` matches
-- `/api` and `/api/x`, not `/apix`; `/` matches the rest.
-- 
-- It runs for every request of a route with paths: it makes no string and no table, and never reads a byte of a prefix
-- twice.
-- 
-- @param uri begins with a slash, as nginx's `$uri` does
-- @returns nothing when no prefix matches
function ____exports.findEntry(paths, uri)
    for ____, entry in ipairs(paths) do
        if isWithin(entry.prefix, uri) then
            return entry
        end
    end
    return nil
end
return ____exports

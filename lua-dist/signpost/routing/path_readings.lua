--- Finds requests whose path a backend may read differently than nginx does, so that the path belongs to another entry
-- of its route.
--
-- nginx decodes a path, removes its dot segments and merges its slashes before Signpost matches routes with it. But it
-- sends the path on as it came. Backends differ in whether they take `\\` for `/` (WHATWG URL, as Node.js has it),
-- merge slashes, take what follows two slashes for a host (RFC 3986, section 4.2), end the path at `#`, and decode
-- `%2f`, `%5c` and `%2e` before they remove dot segments or only after. A backend may do any of these or none, in any
-- order, and repeat them as often as they change something; but it drops a host once at most. It may remove dot
-- segments after each, and removes them at the end. Each such sequence makes a reading.
--
-- Invariant: a request is served only if every reading of its path leads to the same entry of its route. Backends are
-- assumed to read everything that is not named here as nginx does; `..;`, `%252e` and upper case are left to the
-- backend.
--
-- A hostile path may have hundreds of readings, so the cost of a request is bounded: a path that is longer than
-- `PATH_BYTES`, or has more readings than `READINGS` or `READING_BYTES` allow, counts as ambiguous.
local ____exports = {}
local isSeparator, isOneForAll, sentPath, decodePath, decodeHarmless, encode, encodeByte, isReadAs, hasReading, isWithinBounds, spread, finished, decodeByte, endAtHash, decodeSeparators, turnBackslashes, mergeSlashes, replaced, withoutDots, withoutDotSegments, beginsWithHost, withoutHost, READINGS, READING_BYTES, BACKSLASH, SLASH, HASH, PERCENT, QUESTION, DOT, KEPT, READERS
local ____match_path = require("signpost.routing.match_path")
local findEntry = ____match_path.findEntry
--- Whether the two digits after a `%` are those of a slash (2F), a backslash (5C) or a dot (2E), of either case.
function isSeparator(high, low)
    if high == 50 then
        return low == 102 or low == 70 or low == 101 or low == 69
    end
    return high == 53 and (low == 99 or low == 67)
end
--- Whether all paths lead to the same entry.
function isOneForAll(paths)
    local ____temp_2 = #paths == 1
    if ____temp_2 then
        local ____opt_0 = paths[1]
        ____temp_2 = (____opt_0 and ____opt_0.prefix) == ""
    end
    return ____temp_2
end
--- The path of a target, as the client sent it.
function sentPath(target)
    local query = string.find(target, "?", 1, true)
    return query == nil and target or string.sub(target, 1, query - 1)
end
--- Decodes a path, except for the bytes in which readings differ and those that no prefix can hold.
function decodePath(sent)
    local partly = replaced(sent, "%", "%%(%x%x)", decodeHarmless)
    return string.byte(partly) == SLASH and partly or "/" .. partly
end
function decodeHarmless(digits)
    local byte = tonumber(digits, 16) or 0
    return KEPT[byte] or string.char(byte)
end
--- Encodes a decoded path as `decodePath` leaves it.
function encode(uri)
    local path = string.gsub(uri, "[%%#?]", encodeByte)
    return path
end
function encodeByte(byte)
    return KEPT[string.byte(byte)] or byte
end
--- Whether nginx makes this `$uri` of the path, whether `merge_slashes` is off or on.
function isReadAs(path, uri)
    local decoded = decodeSeparators(endAtHash(path))
    return finished(withoutDots(decoded)) == uri or finished(withoutDots(mergeSlashes(decoded))) == uri
end
--- Whether any reading of a path `differs`, or there are more readings than are examined.
function hasReading(path, differs)
    local seen = {paths = {}, count = 0, bytes = 0}
    local unread = {path}
    local withHost = {}
    if spread(unread, seen, differs, withHost) then
        return true
    end
    local withoutHosts = {}
    for ____, one in ipairs(withHost) do
        withoutHosts[#withoutHosts + 1] = withoutHost(one)
    end
    return spread(withoutHosts, seen, differs, nil)
end
--- Counts one more reading of this size. @returns false if that is too much
function isWithinBounds(seen, size)
    seen.count = seen.count + 1
    seen.bytes = seen.bytes + size
    return seen.count <= READINGS and seen.bytes <= READING_BYTES
end
--- Reads each path in all ways, and each result again. Dot segments are removed before a reading is examined.
--
-- @param withHost collects the readings that begin with two slashes, as a host does
-- @returns whether one of them `differs`, or there are too many
function spread(unread, seen, differs, withHost)
    do
        while true do
            do
                local path = table.remove(unread)
                if path == nil then
                    return false
                end
                if seen.paths[path] ~= nil then
                    goto __continue29
                end
                seen.paths[path] = true
                if not isWithinBounds(seen, #path) then
                    return true
                end
                if differs(finished(withoutDots(path))) then
                    return true
                end
                if withHost ~= nil and beginsWithHost(path) then
                    withHost[#withHost + 1] = path
                end
                for ____, reader in ipairs(READERS) do
                    unread[#unread + 1] = reader(path)
                end
            end
            ::__continue29::
        end
    end
end
--- Decodes the rest, as prefixes are decoded. A separator that is decoded only now did not count as one when dot
-- segments were removed.
function finished(path)
    return replaced(path, "%", "%%(%x%x)", decodeByte)
end
function decodeByte(digits)
    return string.char(tonumber(digits, 16) or 0)
end
function endAtHash(path)
    local hash = string.find(path, "#", 1, true)
    if hash == nil then
        return path
    end
    return hash == 1 and "/" or string.sub(path, 1, hash - 1)
end
function decodeSeparators(path)
    local slashes = replaced(path, "%2f", "%%2f", "/")
    local backslashes = replaced(slashes, "%5c", "%%5c", "\\")
    return replaced(backslashes, "%2e", "%%2e", ".")
end
function turnBackslashes(path)
    return replaced(path, "\\", "\\", "/")
end
function mergeSlashes(path)
    return replaced(path, "//", "//+", "/")
end
--- Replaces what matches a pattern. Most readers leave most readings as they are, and a replacement copies all bytes
-- one by one: so a plain search, which costs little, comes first.
--
-- @param sign occurs in everything that matches
function replaced(text, sign, pattern, by)
    local found = string.find(text, sign, 1, true)
    if found == nil then
        return text
    end
    local result = string.gsub(text, pattern, by)
    return result
end
--- Removes dot segments as in RFC 3986, section 5.2.4: `/a/./b/../c/..` becomes `/a/`. Above the root is the root.
function withoutDots(path)
    local dots = string.find(path, "/.", 1, true)
    if dots == nil then
        return path
    end
    local segment = string.find(path .. "/", "/%.%.?/", dots)
    if segment == nil then
        return path
    end
    return withoutDotSegments(path)
end
function withoutDotSegments(path)
    local segments = {}
    local isFolder = false
    for segment in string.gmatch(path, "/([^/]*)") do
        isFolder = segment == "." or segment == ".."
        if segment == ".." then
            table.remove(segments)
        elseif segment ~= "." then
            segments[#segments + 1] = segment
        end
    end
    if isFolder then
        segments[#segments + 1] = ""
    end
    return "/" .. table.concat(segments, "/")
end
function beginsWithHost(path)
    return string.sub(path, 1, 2) == "//"
end
--- @returns what follows the host that two or more slashes begin: WHATWG's parser skips all of them
function withoutHost(path)
    local rest = string.match(path, "^//+[^/]*(.*)$")
    if rest == nil then
        rest = ""
    end
    return rest == "" and "/" or rest
end
--- The longest path that is read in more than one way, in bytes as the client sent them.
local PATH_BYTES = 2048
READINGS = 128
READING_BYTES = 12288
BACKSLASH, SLASH, HASH, PERCENT, QUESTION, DOT = 92, 47, 35, 37, 63, 46
--- Whether a target might be read in several ways: it has a `\\`, a `#`, two slashes in a row, or one of `%2f`, `%5c`,
-- `%2e` before its query. Dot segments alone have one reading, and so have all other `%XX`.
-- 
-- It runs for each request of a route with paths: it makes no string, and LuaJIT compiles it.
function ____exports.isSuspicious(target, hasQuery)
    local last = 0
    for i = 1, #target do
        local byte = string.byte(target, i)
        if byte == QUESTION and hasQuery then
            return false
        end
        if byte == BACKSLASH or byte == HASH or byte == SLASH and last == SLASH then
            return true
        end
        if byte == PERCENT and isSeparator(
            string.byte(target, i + 1),
            string.byte(target, i + 2)
        ) then
            return true
        end
        last = byte
    end
    return false
end
--- Whether a reading of a request's path leads to another entry of the route than `$uri` does. A path beyond the bounds
-- counts as such a reading.
-- 
-- nginx sends the target on as it came, unless something has rewritten `$uri` (`rewrite`, an internal redirect): then
-- it sends `$uri`, encoded. So a target from which `$uri` did not come is not read. A request that is not internal was
-- not rewritten.
-- 
-- @param uri nginx's `$uri`
-- @param target nginx's `$request_uri`
-- @param isInternal whether nginx may have rewritten the request
function ____exports.isAmbiguous(paths, uri, target, isInternal)
    if isOneForAll(paths) then
        return false
    end
    local sent = sentPath(target)
    if #sent > PATH_BYTES or #uri > PATH_BYTES then
        return true
    end
    local path = decodePath(sent)
    if isInternal and not isReadAs(path, uri) then
        path = encode(uri)
    end
    local entry = findEntry(paths, uri)
    return hasReading(
        path,
        function(reading) return findEntry(paths, reading) ~= entry end
    )
end
--- Whether `$uri` came from the target, so that nothing has rewritten it.
function ____exports.isReadingOf(target, uri)
    return isReadAs(
        decodePath(sentPath(target)),
        uri
    )
end
KEPT = {
    [SLASH] = "%2f",
    [BACKSLASH] = "%5c",
    [DOT] = "%2e",
    [PERCENT] = "%25",
    [HASH] = "%23",
    [QUESTION] = "%3f"
}
READERS = {
    endAtHash,
    decodeSeparators,
    turnBackslashes,
    mergeSlashes,
    withoutDots
}
return ____exports

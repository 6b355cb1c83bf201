local ____exports = {}
local compileBackends, compilePaths, readPaths, twinOf, givenTwice, readBackend, isSurelyAddress, joinBackends, bad, MOST_PATHS
local ____address = require("signpost.format.address")
local printAddress = ____address.printAddress
local ____backend = require("signpost.format.backend")
local BACKENDS_BYTES = ____backend.BACKENDS_BYTES
local MOST_BACKENDS = ____backend.MOST_BACKENDS
local parseBackend = ____backend.parseBackend
local parseMember = ____backend.parseMember
local ____complaint = require("signpost.text.complaint")
local quote = ____complaint.quote
local ____fields = require("signpost.format.fields")
local joinFields = ____fields.joinFields
local parseFields = ____fields.parseFields
local printField = ____fields.printField
local sizeProblem = ____fields.sizeProblem
local sorted = ____fields.sorted
local sortedByName = ____fields.sortedByName
local ____line_end = require("signpost.text.line_end")
local withoutEnd = ____line_end.withoutEnd
local withoutLineEnd = ____line_end.withoutLineEnd
local ____path_prefix = require("signpost.format.path_prefix")
local newPathTable = ____path_prefix.newPathTable
local parsePrefix = ____path_prefix.parsePrefix
local printPrefix = ____path_prefix.printPrefix
local ____target = require("signpost.format.target")
local canonicalTarget = ____target.canonicalTarget
local parseAddresses = ____target.parseAddresses
local parseTarget = ____target.parseTarget
local printTarget = ____target.printTarget
local TARGET_BYTES = ____target.TARGET_BYTES
--- A list or a set may be longer than a target.
function compileBackends(text)
    local peers, err, detail = parseAddresses(text, BACKENDS_BYTES)
    if err ~= nil then
        return bad(detail)
    end
    return {kind = "peers", peers = peers}, nil
end
function compilePaths(text)
    local fields = parseFields(text)
    if fields == nil then
        return bad("expected lines of a path, a tab and a target, got " .. quote(text))
    end
    local entries, err, detail = readPaths(fields)
    if err ~= nil then
        return nil, err, detail
    end
    return {
        kind = "paths",
        paths = newPathTable(entries)
    }, nil
end
--- @returns the entries in the fields' order; `bad_route` for the first field that is wrong
function readPaths(fields)
    local entries = {}
    local spellings = {}
    for ____, ____value in ipairs(fields) do
        local name = ____value.name
        local value = ____value.value
        local prefix, pathErr, pathDetail = parsePrefix(name)
        if pathErr ~= nil then
            return bad((("field " .. quote(name)) .. ", ") .. pathDetail)
        end
        local twin = spellings[prefix]
        if twin ~= nil then
            return bad(givenTwice(name, twin))
        end
        spellings[prefix] = name
        local to, err, detail = parseTarget(value)
        if err ~= nil then
            return bad((("field " .. quote(name)) .. ": ") .. detail)
        end
        entries[#entries + 1] = {prefix = prefix, to = to}
    end
    return entries, nil
end
--- Finds the field that is the same path as the one at `i`: of the same name, just before it, or of the name without the
-- slash at its end. A map of all paths would be the dearest part of a short route.
--
-- @param flat sorted by name
function twinOf(prefix, i, flat)
    local name = flat[i + 1]
    if i > 0 and flat[i - 2 + 1] == name then
        return name
    end
    if prefix == name or prefix == "" then
        return nil
    end
    for j = 0, i - 2, 2 do
        if flat[j + 1] == prefix then
            return prefix
        end
    end
    return nil
end
function givenTwice(name, twin)
    return ((("field " .. quote(name)) .. ": expected each path once, got ") .. quote(twin)) .. " as well"
end
--- An address, or a URL whose path is ignored: Hipache's are URLs, and only their host and port count there.
function readBackend(text)
    local origin = string.match(
        withoutEnd(text),
        "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]*"
    )
    return unpack(origin == nil and ({parseMember(text)}) or ({parseBackend(origin)}))
end
--- Whether a text has the scheme or the port that no label has.
function isSurelyAddress(text)
    local sign = string.find(text, ":", 1, true)
    return sign ~= nil
end
--- The text of a target with these backends.
function joinBackends(texts)
    local text = table.concat(texts, " ")
    if #text > BACKENDS_BYTES then
        return bad((("expected no more than " .. tostring(BACKENDS_BYTES)) .. " bytes, each address with its port, got ") .. tostring(#text))
    end
    return text, nil
end
---
-- @returns what is wrong with a hash of so many paths.
function ____exports.tooManyPaths(count)
    return (("expected 1 to " .. tostring(MOST_PATHS)) .. " paths, got ") .. tostring(count)
end
---
-- @returns what is wrong with so many backends of a list or a set.
function ____exports.tooManyBackends(count)
    return ((("expected no more than " .. tostring(MOST_BACKENDS)) .. ", got ") .. tostring(count)) .. " backends"
end
function bad(detail)
    return nil, "bad_route", detail
end
MOST_PATHS = 256
--- The longest hash, in bytes: its paths and targets as written, and its text.
local HASH_BYTES = 65536
--- The text of a list that holds no more than its label: Hipache's host without a backend. A worker of version 0.1.0, which
-- may read it during a reload, answers 503 too. No string has this text: see `routeFromString`.
local NO_BACKEND = "return\t\t503"
local LINE_FEED = 10
--- Reads a route that is a string: one target. It stays as it stands, so that it says the same in Redis, in the log and in
-- the cache; only line ends after it go.
-- 
-- @returns the route's text; `bad_route` with the place, what was expected and what was there
function ____exports.routeFromString(text)
    local written = withoutLineEnd(text)
    local target, err, detail = parseTarget(written)
    if err ~= nil then
        return bad(detail)
    end
    return written == NO_BACKEND and printTarget(target) or written, nil
end
--- Reads a route that is a hash: path prefix → target.
-- 
-- @param flat what `HGETALL` answers: at most 256 fields and 65,536 bytes
-- @returns the route's text, the same in whatever order the fields come; `bad_route` with the field, the place in it or
-- in its value, what was expected and what was there
function ____exports.routeFromHash(flat)
    local count = math.ceil(#flat / 2)
    if count < 1 or count > MOST_PATHS then
        return bad(____exports.tooManyPaths(count))
    end
    local problem = sizeProblem(flat, HASH_BYTES)
    if problem ~= nil then
        return bad(problem)
    end
    local sortedFlat = sortedByName(flat)
    local lines = {}
    for i = 0, #sortedFlat - 1, 2 do
        local name = sortedFlat[i + 1] or ""
        local prefix, pathErr, pathDetail = parsePrefix(name)
        if pathErr ~= nil then
            return bad((("field " .. quote(name)) .. ", ") .. pathDetail)
        end
        local twin = twinOf(prefix, i, sortedFlat)
        if twin ~= nil then
            return bad(givenTwice(name, twin))
        end
        local target, err, detail = canonicalTarget(withoutLineEnd(sortedFlat[i + 1 + 1] or ""))
        if err ~= nil then
            return bad((("field " .. quote(name)) .. ": ") .. detail)
        end
        lines[#lines + 1] = printField(
            printPrefix(prefix),
            target
        )
    end
    local text = joinFields(lines)
    if #text > HASH_BYTES then
        return bad((("expected no more than " .. tostring(HASH_BYTES)) .. " bytes, each address with its port, got ") .. tostring(#text))
    end
    return text, nil
end
--- Reads a route that is a list, as Hipache keeps it: a label, which says nothing here, and backends.
-- 
-- @param items what `LRANGE key 0 -1` answers. A backend is an address; if it is a URL, its path is ignored. An item that
-- is the label once more is none, unless it has a scheme or a port. Without a backend, requests are refused
-- @returns the route's text, the backends in their order; `bad_route` with the item as Redis counts (the label is item
-- 0), the place in it, what was expected and what was there
function ____exports.routeFromList(items)
    if #items == 0 then
        return bad("expected a label, got nothing")
    end
    if #items - 1 > MOST_BACKENDS then
        return bad(____exports.tooManyBackends(#items - 1))
    end
    local problem = sizeProblem(items, BACKENDS_BYTES)
    if problem ~= nil then
        return bad(problem)
    end
    local label = items[1]
    local texts = {}
    for i = 1, #items - 1 do
        local item = items[i + 1] or ""
        if item ~= label or isSurelyAddress(item) then
            local backend, err, detail = readBackend(item)
            if err ~= nil then
                return bad((("item " .. tostring(i)) .. ": ") .. detail)
            end
            texts[#texts + 1] = printAddress(backend)
        end
    end
    if #texts == 0 then
        return NO_BACKEND, nil
    end
    return joinBackends(texts)
end
--- Reads a route that is a set of backends of equal weight.
-- 
-- @param members what `SMEMBERS` answers, each written as in a list
-- @returns the route's text, the same in whatever order the members come; `bad_route` with the member, the place in it,
-- what was expected and what was there
function ____exports.routeFromSet(members)
    if #members < 1 then
        return bad("expected a backend, got nothing")
    end
    if #members > MOST_BACKENDS then
        return bad(____exports.tooManyBackends(#members))
    end
    local problem = sizeProblem(members, BACKENDS_BYTES)
    if problem ~= nil then
        return bad(problem)
    end
    local texts = {}
    local taken = {}
    for ____, member in ipairs(sorted(members)) do
        local backend, err, detail = readBackend(member)
        if err ~= nil then
            return bad((("member " .. quote(member)) .. ": ") .. detail)
        end
        local text = printAddress(backend)
        -- Two spellings would give it twice the weight.
        if taken[text] ~= nil then
            return bad(((("member " .. quote(member)) .. ": expected each address once, got ") .. quote(text)) .. " again")
        end
        taken[text] = true
        texts[#texts + 1] = text
    end
    return joinBackends(sorted(texts))
end
--- Makes a route ready for requests.
-- 
-- @param text what one of the functions above returned, or a string's target as it stands in Redis
-- @returns `bad_route` for any other text
function ____exports.compileRoute(text)
    if string.byte(text) == LINE_FEED then
        return compilePaths(text)
    end
    if text == NO_BACKEND then
        return {kind = "no_backend"}, nil
    end
    if #text > TARGET_BYTES then
        return compileBackends(text)
    end
    local target, err, detail = parseTarget(text)
    if err ~= nil then
        return bad(detail)
    end
    return target, nil
end
return ____exports

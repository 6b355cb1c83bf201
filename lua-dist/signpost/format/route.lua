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
--- Compiles the text of a list or a set that is longer than a target may be.
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
--- @returns the entries in the order of the fields; `bad_route` for the first invalid field
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
--- Finds an earlier field with the same path as the one at `i`: the same name directly before it, or the name without
-- the slash at its end. A map of all paths would be the most expensive part of reading a short route.
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
--- Reads an address, or a URL whose path is ignored. Hipache's backends are URLs, and only their host and port count
-- there.
function readBackend(text)
    local origin = string.match(
        withoutEnd(text),
        "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]*"
    )
    return unpack(origin == nil and ({parseMember(text)}) or ({parseBackend(origin)}))
end
--- Whether a text has a scheme or a port, which no label has.
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
-- @returns the error message for a hash of `count` paths.
function ____exports.tooManyPaths(count)
    return (("expected 1 to " .. tostring(MOST_PATHS)) .. " paths, got ") .. tostring(count)
end
---
-- @returns the error message for a list or a set of `count` backends.
function ____exports.tooManyBackends(count)
    return ((("expected no more than " .. tostring(MOST_BACKENDS)) .. ", got ") .. tostring(count)) .. " backends"
end
function bad(detail)
    return nil, "bad_route", detail
end
MOST_PATHS = 256
--- The maximum size of a hash, in bytes. It applies to paths and targets as written and to the text printed from them.
local HASH_BYTES = 65536
--- The text of a list that contains only its label, which in Hipache is a host without a backend. A worker of version
-- 0.1.0 may read it during a reload, and answers 503 too. No string has this text: see `routeFromString`.
local NO_BACKEND = "return\t\t503"
local LINE_FEED = 10
--- Reads a route from a string: one target. The text stays as written, so that Redis, the log and the cache show the
-- same text. Only line ends after it are removed. A text equal to `NO_BACKEND` becomes `return 503`.
-- 
-- @returns the route's text; `bad_route` with the position, what was expected and what was found
function ____exports.routeFromString(text)
    local written = withoutLineEnd(text)
    local target, err, detail = parseTarget(written)
    if err ~= nil then
        return bad(detail)
    end
    return written == NO_BACKEND and printTarget(target) or written, nil
end
--- Reads a route from a hash: path prefix → target.
-- 
-- @param flat the reply to `HGETALL`: at most 256 fields and 65,536 bytes
-- @returns the route's text, independent of the order of the fields; `bad_route` with the field, the position in it or
-- in its value, what was expected and what was found
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
--- Reads a route from a list in Hipache's format: a label, which is ignored, then backends.
-- 
-- @param items the reply to `LRANGE key 0 -1`. A backend is an address, or a URL whose path is ignored. An item equal
-- to the label is not a backend, unless it has a scheme or a port. If a list has no backend, its requests are refused
-- @returns the route's text, with the backends in the same order; `bad_route` with the item's index in Redis (the label
-- is item 0), the position in the item, what was expected and what was found
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
--- Reads a route from a set of backends of equal weight.
-- 
-- @param members the reply to `SMEMBERS`, each member written as in a list
-- @returns the route's text, independent of the order of the members; `bad_route` with the member, the position in it,
-- what was expected and what was found
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
        -- A second spelling would double the weight of the address.
        if taken[text] ~= nil then
            return bad(((("member " .. quote(member)) .. ": expected each address once, got ") .. quote(text)) .. " again")
        end
        taken[text] = true
        texts[#texts + 1] = text
    end
    return joinBackends(sorted(texts))
end
--- Parses a route's text into its compiled form.
-- 
-- @param text a text that one of the functions above returned, or a string's target as written in Redis
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

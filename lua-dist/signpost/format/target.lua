local ____exports = {}
local findStart, trimmedFrom, parseForm, httpsOnly, parseBackends, parsePool, BACKENDS
local ____address = require("signpost.format.address")
local printAddress = ____address.printAddress
local ____backend = require("signpost.format.backend")
local isUsualBackend = ____backend.isUsualBackend
local parseUsualBackend = ____backend.parseUsualBackend
local ____target_path = require("signpost.format.target_path")
local parseTargetPath = ____target_path.parseTargetPath
local ____words = require("signpost.format.words")
local parseWords = ____words.parseWords
local ____complaint = require("signpost.text.complaint")
local refuse = ____complaint.refuse
local ____return_target = require("signpost.format.return_target")
local parseReturn = ____return_target.parseReturn
local printReturn = ____return_target.printReturn
--- @returns the position of the first byte that is not a blank, from 1
function findStart(text, maxBytes, wanted)
    if #text > maxBytes then
        return refuse(
            maxBytes + 1,
            ("no more than " .. tostring(maxBytes)) .. " bytes",
            string.sub(text, maxBytes + 1)
        )
    end
    local alien = string.find(text, "[^\t -~]")
    if alien ~= nil then
        return refuse(
            alien,
            "only printable ASCII in a target",
            string.sub(text, alien)
        )
    end
    local start = string.find(text, "[^ \t]")
    if start == nil then
        return refuse(1, wanted, text)
    end
    return start, nil
end
function trimmedFrom(text, start)
    local trimmed = string.match(text, ".*[^ \t]", start)
    if trimmed == nil then
        trimmed = ""
    end
    return trimmed
end
--- @param before bytes before the text in what the user wrote
function parseForm(text, before)
    local firstWord = string.match(text, "^[^ \t]*")
    if firstWord == nil then
        firstWord = ""
    end
    if firstWord == "return" then
        return parseReturn(text, before)
    end
    if firstWord ~= "https_only" then
        return parseBackends(text, before)
    end
    local intro = string.match(text, "^https_only[ \t]*")
    if intro == nil then
        intro = ""
    end
    local rest = string.sub(text, #intro + 1)
    local word = string.match(rest, "^[^ \t]*")
    if rest == "" or word == "return" or word == "https_only" then
        return refuse(before + #intro + 1, BACKENDS, rest)
    end
    local to, err, detail = parseBackends(rest, before + #intro)
    if err ~= nil then
        return nil, err, detail
    end
    return httpsOnly(to), nil
end
--- Copies field by field, because an object spread needs TypeScriptToLua's runtime library.
function httpsOnly(to)
    local ____to_0 = to
    local path = ____to_0.path
    if to.kind == "pool" then
        return {kind = "pool", name = to.name, path = path, httpsOnly = true}
    end
    return {kind = "peers", peers = to.peers, path = path, httpsOnly = true}
end
function parseBackends(text, before)
    if string.sub(text, 1, 1) == "@" then
        return parsePool(text, before)
    end
    local words, err, detail = parseWords(text, before, ____exports.TARGET_BYTES, false)
    if err ~= nil then
        return nil, err, detail
    end
    if words.path == "" then
        return {kind = "peers", peers = words.addresses}, nil
    end
    return {kind = "peers", peers = words.addresses, path = words.path}, nil
end
function parsePool(text, before)
    local name, rest = string.match(text, "^@([^/]*)(.*)$")
    if name == nil then
        name = ""
    end
    if rest == nil then
        rest = ""
    end
    if name == "" or #name > ____exports.POOL_NAME_BYTES then
        return refuse(
            before + 2,
            ("a pool name of 1 to " .. tostring(____exports.POOL_NAME_BYTES)) .. " bytes",
            name
        )
    end
    local alien = string.find(name, "[^A-Za-z0-9._:-]")
    if alien ~= nil then
        return refuse(
            before + 1 + alien,
            "a letter, digit, dot, _, - or : in a pool name",
            string.sub(name, alien)
        )
    end
    if rest == "" then
        return {kind = "pool", name = name}, nil
    end
    local path, err, detail = parseTargetPath(rest, before + 1 + #name)
    if err ~= nil then
        return nil, err, detail
    end
    return {kind = "pool", name = name, path = path}, nil
end
--- The maximum length of a target, in bytes, both as written and as printed: a printed target can be parsed again.
____exports.TARGET_BYTES = 4096
--- The maximum length of a pool's name, in bytes.
____exports.POOL_NAME_BYTES = 128
--- Reads a target. Its forms are: addresses; `@pool`; `return CODE`; `return CODE URL`. Addresses and `@pool` may have a
-- path after them, and `https_only` before them.
-- 
-- @param text at most 4096 bytes; blanks (space, tab) around the target are ignored
-- @returns `bad_target` with the position, what was expected and what was found
function ____exports.parseTarget(text)
    local usual = parseUsualBackend(text)
    if usual ~= nil then
        return {kind = "peers", peers = {usual}}, nil
    end
    local start, err, detail = findStart(text, ____exports.TARGET_BYTES, "a target")
    if err ~= nil then
        return nil, err, detail
    end
    return parseForm(
        trimmedFrom(text, start),
        start - 1
    )
end
--- Reads addresses in the syntax of a target. The text may be longer than a target, and no path but `/` is allowed.
-- 
-- @param maxBytes the maximum length of the text, both as written and as printed
-- @returns at least one address, in the order written; `bad_target` with the position, what was expected and what was
-- found
function ____exports.parseAddresses(text, maxBytes)
    local start, err, detail = findStart(text, maxBytes, "an address")
    if err ~= nil then
        return nil, err, detail
    end
    local words, wordsErr, wordsDetail = parseWords(
        trimmedFrom(text, start),
        start - 1,
        maxBytes,
        true
    )
    if wordsErr ~= nil then
        return nil, wordsErr, wordsDetail
    end
    if words.path ~= "" then
        return refuse(start, "addresses without a path", words.path)
    end
    return words.addresses, nil
end
--- The canonical text of a target: `parseTarget(printTarget(target))` returns the same target.
function ____exports.printTarget(target)
    if target.kind == "return" then
        return printReturn(target)
    end
    local path = target.path or ""
    local condition = target.httpsOnly == true and "https_only " or ""
    if target.kind == "pool" then
        return ((condition .. "@") .. target.name) .. path
    end
    local texts = {}
    for ____, peer in ipairs(target.peers) do
        texts[#texts + 1] = printAddress(peer) .. path
    end
    return condition .. table.concat(texts, " ")
end
--- Reads a target as `parseTarget` does.
-- 
-- @returns its canonical text; see `printTarget`
function ____exports.canonicalTarget(text)
    if isUsualBackend(text) then
        return text, nil
    end
    local target, err, detail = ____exports.parseTarget(text)
    if err ~= nil then
        return nil, err, detail
    end
    return ____exports.printTarget(target), nil
end
BACKENDS = "addresses or @pool after https_only"
return ____exports

local ____exports = {}
local ____target = require("signpost.routing.target")
local parseTarget = ____target.parseTarget
---
-- @returns what a value of another type than string says; `found` is the type with its article.
function ____exports.readOther(found)
    return {kind = "bad", reason = "expected a string with a target, found " .. found}
end
---
-- @returns what a string value says.
function ____exports.readTarget(text)
    local target, err, detail = parseTarget(text)
    if err ~= nil then
        return {kind = "bad", reason = detail}
    end
    if target.kind == "pool" then
        return {kind = "bad", reason = "expected an address or a return, found the pool @" .. target.name}
    end
    return {kind = "route", text = text}
end
local ABSENT = {kind = "absent"}
--- What the replies to one key's `TYPE` and `GET` say. The two are not one transaction: `GET` is believed, and `TYPE`
-- only names what is not a string.
-- 
-- `redis_down`: Redis answered, but not the question (`NOPERM`, `LOADING`, `MASTERDOWN`, …). Nothing may be taken for
-- absent then: only a nil is Redis's word that there is no key.
function ____exports.readingOf(key, typeReply, getReply)
    if getReply.kind == "nil" then
        return ABSENT, nil
    end
    if getReply.kind == "text" then
        return ____exports.readTarget(getReply.text), nil
    end
    local problem = getReply.kind == "error" and getReply.message or "expected a text, got a list"
    local wrongType = string.find(problem, "^WRONGTYPE")
    if wrongType == nil then
        return nil, "redis_down", (("GET " .. key) .. ": ") .. problem
    end
    local found = typeReply.kind == "text" and "a " .. typeReply.text or "another type"
    return ____exports.readOther(found), nil
end
return ____exports

local ____exports = {}
local readTarget
local ____target = require("signpost.routing.target")
local parseTarget = ____target.parseTarget
function readTarget(text)
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
        return readTarget(getReply.text), nil
    end
    local wrongType = string.find(getReply.message, "^WRONGTYPE")
    if wrongType == nil then
        return nil, "redis_down", (("GET " .. key) .. ": ") .. getReply.message
    end
    local found = typeReply.kind == "text" and "a " .. typeReply.text or "another type"
    return {kind = "bad", reason = "expected a string with a target, found " .. found}, nil
end
return ____exports

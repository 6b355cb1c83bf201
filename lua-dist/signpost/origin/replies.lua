local ____exports = {}
local byType, unlikeAny, isWrongType, textsOf, problemOf, CHANGED, UNLIKE
local ____reading = require("signpost.origin.reading")
local ABSENT = ____reading.ABSENT
---
-- @returns what a value says that is read so.
function ____exports.readingOf(read, value)
    local text, err, detail = read(value)
    return err == nil and ({kind = "route", text = text}) or ({kind = "bad", reason = detail})
end
function byType(forms, typeReply)
    if typeReply.kind ~= "text" then
        return unlikeAny("another type")
    end
    local found = typeReply.text
    local form = forms.others[found]
    if form ~= nil then
        return {kind = "unread", form = form}
    end
    return UNLIKE[found] == true and CHANGED or unlikeAny("a " .. found)
end
function unlikeAny(found)
    return {kind = "bad", reason = "expected a string, a hash, a list or a set, found " .. found}
end
function isWrongType(reply)
    return reply.kind == "error" and string.sub(reply.message, 1, 9) == "WRONGTYPE"
end
function textsOf(reply)
    if reply.kind ~= "list" then
        return nil
    end
    local texts = {}
    for ____, item in ipairs(reply.items) do
        if item.kind ~= "text" then
            return nil
        end
        texts[#texts + 1] = item.text
    end
    return texts
end
function problemOf(reply, expected)
    return reply.kind == "error" and reply.message or (("expected " .. expected) .. ", got a ") .. reply.kind
end
CHANGED = {kind = "bad", reason = "it changed its type while it was read"}
UNLIKE = {string = true, none = true}
--- What the replies to one key's `TYPE` and `GET` say. The two are not one transaction: `GET` is believed, and `TYPE`
-- only names what is not a string.
-- 
-- `redis_down`: Redis answered, but not the question (`NOPERM`, `LOADING`, `MASTERDOWN`, …). Nothing may be taken for
-- absent then: only a nil is Redis's word that there is no key.
-- 
-- @param forms what the types mean for this key
function ____exports.firstReading(key, forms, typeReply, getReply)
    if getReply.kind == "nil" then
        return ABSENT, nil
    end
    if getReply.kind == "text" then
        return ____exports.readingOf(forms.string, getReply.text), nil
    end
    if not isWrongType(getReply) then
        return nil, "redis_down", (("GET " .. key) .. ": ") .. problemOf(getReply, "a text")
    end
    return byType(forms, typeReply), nil
end
--- What the reply to the form's command says. An empty list is Redis's word that the key has gone meanwhile.
-- 
-- `redis_down`: as above.
function ____exports.secondReading(key, form, reply)
    if isWrongType(reply) then
        return CHANGED, nil
    end
    local texts = textsOf(reply)
    if texts == nil then
        local command = unpack(
            form.command(key),
            1,
            1
        )
        return nil, "redis_down", (((string.upper(command) .. " ") .. key) .. ": ") .. problemOf(reply, "a list of texts")
    end
    return #texts == 0 and ABSENT or ____exports.readingOf(form.read, texts), nil
end
return ____exports

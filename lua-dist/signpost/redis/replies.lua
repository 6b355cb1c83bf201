local ____exports = {}
--- Whether it is an error whose message has this beginning.
function ____exports.isError(reply, beginning)
    return (reply and reply.kind) == "error" and string.sub(reply.message, 1, #beginning) == beginning
end
---
-- @returns the reading that `read` makes of a value.
function ____exports.readingOf(read, value)
    local text, err, detail = read(value)
    return err == nil and ({kind = "good", text = text}) or ({kind = "bad", reason = detail})
end
--- Whether Redis says that the key has another type than the command reads.
function ____exports.isWrongType(reply)
    return ____exports.isError(reply, "WRONGTYPE")
end
--- Whether Redis says that this user may not run this command or read this key, or that it does not know the command:
-- an administrator may have renamed it.
function ____exports.isRefused(reply)
    return ____exports.isError(reply, "NOPERM") or ____exports.isError(reply, "ERR unknown")
end
---
-- @returns the texts of a list of texts; nothing for any other reply.
function ____exports.textsOf(reply)
    if (reply and reply.kind) ~= "list" then
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
---
-- @returns what Redis said instead of what was expected.
function ____exports.problemOf(reply, expected)
    if reply == nil then
        return ("expected " .. expected) .. ", got no reply"
    end
    if reply.kind == "error" then
        return reply.message
    end
    return (("expected " .. expected) .. ", got ") .. (reply.kind == "oversized" and reply.detail or "a " .. reply.kind)
end
return ____exports

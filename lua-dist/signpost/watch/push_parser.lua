local ____exports = {}
local sizeOf
function sizeOf(text)
    local digits = string.match(text, "^%-?%d+$")
    return tonumber(digits)
end
--- Far longer than any key that a route can have. A longer one is passed over: whoever may write keys may give them names of
-- any length, and must not end the connection for all others by it.
local LONGEST_HELD = 131072
--- How many pieces that are passed over come between two breaths: they are not looked at.
local SKIPPED_A_BREATH = 64
--- The longest string that Redis can hold; what claims to be longer is not Redis.
local LONGEST_BULK = 536870912
local LONGEST_LINE = 65536
--- A message is an array: its kind, its channel, its payload. The payload of an invalidation is an array of keys, or nil
-- for everything (https://redis.io/docs/latest/develop/reference/client-side-caching/). Other messages (the replies to
-- PING) are passed over.
function ____exports.pushParser(handlers)
    local feed, readNext, skip, readBulk, readLine, bulkBegins, arrayBegins, ____nil, element, passedOver, isPayload, next, unread, at, bulk, skipped, piecesSkipped, elements, position, kind, keys
    function feed(bytes)
        unread = string.sub(unread, at) .. bytes
        at = 1
        local problem
        while problem == nil do
            local wasAt = at
            problem = readNext()
            if at == wasAt then
                break
            end
        end
        return problem
    end
    function readNext()
        if skipped ~= nil then
            return skip(skipped)
        end
        local ____temp_0
        if bulk == nil then
            ____temp_0 = readLine()
        else
            ____temp_0 = readBulk(bulk)
        end
        return ____temp_0
    end
    --- @param size how many bytes are to be passed over
    function skip(size)
        local here = math.min(size, #unread - at + 1)
        piecesSkipped = piecesSkipped + math.min(here, 1)
        at = at + here
        skipped = size - here
        if skipped > 0 then
            return nil
        end
        skipped = nil
        passedOver()
        return nil
    end
    function readBulk(size)
        if #unread - at + 1 < size + 2 then
            return nil
        end
        local text = string.sub(unread, at, at + size - 1)
        at = at + (size + 2)
        bulk = nil
        return element(text)
    end
    function readLine()
        local ____end = string.find(unread, "\r\n", at, true)
        if ____end == nil then
            return #unread - at > LONGEST_LINE and "a line without an end" or nil
        end
        local prefix = string.sub(unread, at, at)
        local rest = string.sub(unread, at + 1, ____end - 1)
        at = ____end + 2
        if prefix == "$" then
            return bulkBegins(sizeOf(rest))
        end
        if prefix == "*" then
            return arrayBegins(sizeOf(rest))
        end
        if prefix == ":" or prefix == "+" then
            return element(rest)
        end
        return prefix == "-" and "Redis says " .. rest or "unknown type " .. string.format("%q", prefix)
    end
    function bulkBegins(size)
        if size == -1 then
            return ____nil()
        end
        if size == nil or size < 0 or size > LONGEST_BULK then
            return "a string of impossible size"
        end
        if size > LONGEST_HELD then
            skipped = size + 2
        else
            bulk = size
        end
        return nil
    end
    function arrayBegins(size)
        if size == -1 then
            return ____nil()
        end
        if size == nil or size < 0 then
            return "an array of impossible size"
        end
        if elements == 0 then
            elements = size
            position = 0
            kind = ""
        elseif isPayload() and keys == 0 then
            keys = size
            if size == 0 then
                next()
            end
        else
            return "an array where there can be none"
        end
        return nil
    end
    function ____nil()
        if isPayload() then
            handlers.everything()
        end
        next()
        return nil
    end
    function element(text)
        if keys > 0 then
            handlers.key(text)
        elseif position == 0 then
            kind = text
        end
        passedOver()
        return nil
    end
    --- Goes on to what comes after an element, whatever that said.
    function passedOver()
        if keys > 1 then
            keys = keys - 1
        else
            keys = 0
            next()
        end
    end
    function isPayload()
        return kind == "message" and position == 2 and elements > 0
    end
    function next()
        if elements > 0 then
            elements = elements - 1
            position = position + 1
        end
    end
    unread = ""
    at = 1
    piecesSkipped = 0
    elements = 0
    position = 0
    kind = ""
    keys = 0
    return {
        feed = feed,
        wantsBreath = function() return skipped == nil or piecesSkipped % SKIPPED_A_BREATH == 0 end
    }
end
return ____exports

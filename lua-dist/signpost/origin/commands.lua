local ____exports = {}
--- How many replies `commandsFor` brings for each key.
____exports.REPLIES_PER_KEY = 2
---
-- @returns the commands that read these keys in one round trip: `TYPE` and `GET` of each. A string, by far the most
-- common route, is read by that; of anything else `GET` says WRONGTYPE and `TYPE` what it is.
function ____exports.commandsFor(keys)
    local commands = {}
    for ____, key in ipairs(keys) do
        commands[#commands + 1] = {"type", key}
        commands[#commands + 1] = {"get", key}
    end
    return commands
end
---
-- @returns prefixes that cover the same keys, none of them with another of them: Redis refuses to track such twice.
function ____exports.coveringPrefixes(one, other)
    local shorter, longer = unpack(#one <= #other and ({one, other}) or ({other, one}), 1, 2)
    return string.sub(longer, 1, #shorter) == shorter and ({shorter}) or ({shorter, longer})
end
return ____exports

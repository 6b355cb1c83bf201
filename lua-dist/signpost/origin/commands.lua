local ____exports = {}
local addCommand
function addCommand(pieces, command)
    pieces[#pieces + 1] = ("*" .. tostring(#command)) .. "\r\n"
    for ____, word in ipairs(command) do
        pieces[#pieces + 1] = ((("$" .. tostring(#word)) .. "\r\n") .. word) .. "\r\n"
    end
end
---
-- @returns commands as Redis reads them, one after the other: each an array of strings
-- (https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server)
function ____exports.encodeCommands(commands)
    local pieces = {}
    for ____, command in ipairs(commands) do
        addCommand(pieces, command)
    end
    return table.concat(pieces)
end
---
-- @returns prefixes that cover the same keys, none of them with another of them: Redis refuses to track such twice.
function ____exports.coveringPrefixes(one, other)
    local shorter, longer = unpack(#one <= #other and ({one, other}) or ({other, one}), 1, 2)
    return string.sub(longer, 1, #shorter) == shorter and ({shorter}) or ({shorter, longer})
end
return ____exports

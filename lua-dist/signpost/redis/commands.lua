local ____exports = {}
local addCommand, shortestFirst, beginsWithOneOf
function addCommand(pieces, command)
    pieces[#pieces + 1] = ("*" .. tostring(#command)) .. "\r\n"
    for ____, word in ipairs(command) do
        pieces[#pieces + 1] = ((("$" .. tostring(#word)) .. "\r\n") .. word) .. "\r\n"
    end
end
function shortestFirst(texts)
    local sorted = {}
    for ____, text in ipairs(texts) do
        local place = #sorted
        while place > 0 and #(sorted[place] or "") > #text do
            place = place - 1
        end
        table.insert(sorted, place + 1, text)
    end
    return sorted
end
function beginsWithOneOf(beginnings, text)
    for ____, beginning in ipairs(beginnings) do
        if string.sub(text, 1, #beginning) == beginning then
            return true
        end
    end
    return false
end
---
-- @returns commands as Redis reads them: each an array of strings
-- (https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server)
function ____exports.encodeCommands(commands)
    local pieces = {}
    for ____, command in ipairs(commands) do
        addCommand(pieces, command)
    end
    return table.concat(pieces)
end
---
-- @returns the fewest of the prefixes that cover the same keys, the shortest first. None of them begins with another,
-- because Redis refuses to track overlapping prefixes.
function ____exports.coveringPrefixes(prefixes)
    local covering = {}
    for ____, prefix in ipairs(shortestFirst(prefixes)) do
        if not beginsWithOneOf(covering, prefix) then
            covering[#covering + 1] = prefix
        end
    end
    return covering
end
return ____exports

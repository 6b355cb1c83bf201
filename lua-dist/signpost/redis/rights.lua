local ____exports = {}
---
-- @param connectionsMade a refused command is tried again on a new connection: the right may have been granted since
-- @param tell says in the log what to grant
function ____exports.newRights(connectionsMade, tell)
    local lacking = {}
    local seenAt = 0
    return {
        allows = function(command) return not (lacking[command] ~= nil) or connectionsMade() ~= seenAt end,
        lacks = function(command)
            if connectionsMade() ~= seenAt then
                for old in pairs(lacking) do
                    lacking[old] = nil
                end
                seenAt = connectionsMade()
            end
            lacking[command] = true
            tell()
        end
    }
end
--- What to grant, for the log.
____exports.MISSING_RIGHTS = "the Redis user may not run what bounds the size of values; grant +getrange +hlen +scard +llen +memory|usage. " .. "Until then whole values are asked for, and those that are too large are cut off"
return ____exports

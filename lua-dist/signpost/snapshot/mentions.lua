local ____exports = {}
--- The numbers are in so many tables, so that none grows large: a table that grows is built anew, all in one piece.
local SHARDS = 4096
---
-- @param hash a whole number of 32 bits, spread evenly
function ____exports.newMentions(hash)
    local shards = {}
    local isEmpty = true
    return {
        note = function(key)
            isEmpty = false
            local code = hash(key)
            local shard = shards[code % SHARDS] or ({})
            shards[code % SHARDS] = shard
            shard[code] = shard[code] ~= nil
        end,
        noteAgain = function(key)
            if isEmpty then
                return
            end
            local code = hash(key)
            local shard = shards[code % SHARDS]
            if (shard and shard[code]) == false then
                shard[code] = true
            end
        end,
        isRepeated = function(key)
            local code = hash(key)
            local ____opt_2 = shards[code % SHARDS]
            return (____opt_2 and ____opt_2[code]) == true
        end,
        isEmpty = function() return isEmpty end
    }
end
return ____exports

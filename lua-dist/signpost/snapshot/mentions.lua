local ____exports = {}
local repeatedOf, AGAIN
--- @param numbers in the order in which they were noted
-- @returns nothing where none is repeated
function repeatedOf(numbers)
    local noted = {}
    local repeated
    for ____, number in ipairs(numbers) do
        local code = number % AGAIN
        if noted[code] ~= nil then
            if repeated == nil then
                repeated = {}
            end
            repeated[code] = true
        elseif number < AGAIN then
            noted[code] = true
        end
    end
    return repeated
end
--- The numbers are in so many lists, so that none grows large: one that grows is copied, all in one piece.
local SHARDS = 4096
AGAIN = 2 ^ 32
--- What it costs to look at a number, in bytes of a line that is read.
local NUMBER_BYTES = 4
---
-- @param hash a whole number of 32 bits, spread evenly
function ____exports.newMentions(hash)
    local add, newShard, shards
    function add(code, kind)
        local numbers = shards[code % SHARDS] or newShard(code % SHARDS)
        numbers[#numbers + 1] = code + kind
    end
    function newShard(i)
        local numbers = {}
        shards[i] = numbers
        return numbers
    end
    shards = {}
    local isEmpty = true
    return {
        note = function(key)
            isEmpty = false
            add(
                hash(key),
                0
            )
        end,
        noteAgain = function(key)
            if not isEmpty then
                add(
                    hash(key),
                    AGAIN
                )
            end
        end,
        isEmpty = function() return isEmpty end,
        findRepeated = function(pass)
            local repeated = {}
            for i = 0, SHARDS - 1 do
                local numbers = shards[i]
                if numbers ~= nil then
                    if not pass(NUMBER_BYTES * #numbers) then
                        return nil
                    end
                    repeated[i] = repeatedOf(numbers)
                    shards[i] = nil
                end
            end
            return function(key)
                local code = hash(key)
                local ____opt_0 = repeated[code % SHARDS]
                return (____opt_0 and ____opt_0[code] ~= nil) == true
            end
        end
    }
end
return ____exports

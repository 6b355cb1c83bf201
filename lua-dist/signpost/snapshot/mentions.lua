local ____exports = {}
local repeatedOf, AGAIN
--- @param numbers in the order in which they were noted
-- @returns the repeated numbers; nothing if there are none
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
--- The number of lists that the numbers are spread over. Each list stays small, because Lua copies a growing list as a
-- whole.
local SHARDS = 4096
AGAIN = 2 ^ 32
--- The cost of looking at one number, as the length of a line that costs as much to read, bytes.
local NUMBER_BYTES = 4
---
-- @param hash returns a whole number of 32 bits, evenly distributed
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

local ____exports = {}
local ____buckets = require("signpost.state.buckets")
local bucketOf = ____buckets.bucketOf
local ____change_clock = require("signpost.state.change_clock")
local microseconds = ____change_clock.microseconds
local ____keys = require("signpost.state.keys")
local STATE_PREFIXES = ____keys.STATE_PREFIXES
---
-- @param hash spreads names over the buckets
function ____exports.newTickets(state, numbers, hash, now)
    local function first()
        return microseconds(now)
    end
    local function keyOf(name)
        return bucketOf(
            STATE_PREFIXES.ticket,
            hash(name)
        )
    end
    return {
        of = function(name)
            local key = keyOf(name)
            local ticket = state:get(key)
            return ticket or numbers.readOrBegin(key, first)
        end,
        move = function(name) return numbers.move(
            keyOf(name),
            first
        ) end
    }
end
return ____exports

local ____exports = {}
local slotFor, hash, oneLine, SLOTS, PROBES, SHOWN_BYTES
local ____key_spaces = require("signpost.redis.key_spaces")
local spaceOf = ____key_spaces.spaceOf
local ____complaint = require("signpost.text.complaint")
local printable = ____complaint.printable
local ____keys = require("signpost.state.keys")
local STATE_PREFIXES = ____keys.STATE_PREFIXES
--- @returns the slot that a name has and the reason in it; or, if it has none, the first free one that it may take.
function slotFor(state, name)
    local first, begins = hash(name), name .. "\0"
    local free
    for i = 0, PROBES - 1 do
        local slot = STATE_PREFIXES.bad .. tostring((first + i) % SLOTS)
        local held = state:get(slot)
        if held == nil then
            if free == nil then
                free = slot
            end
        elseif string.sub(held, 1, #begins) == begins then
            return slot, nil, string.sub(held, #begins + 1)
        end
    end
    return nil, free, nil
end
function hash(name)
    local sum = 0
    for i = 1, #name do
        sum = (31 * sum + string.byte(name, i)) % 65521
    end
    return sum
end
--- @returns a value on one line. A hash has a line for each field, and begins with a line feed (see `printFields`).
function oneLine(text)
    local listed = string.gsub(text, "\n", ", ")
    local spaced = string.gsub(listed, "\t", " ")
    local line = string.gsub(spaced, "^, ", "")
    return printable(line, SHOWN_BYTES)
end
SLOTS = 1000
PROBES = 8
--- Bytes of a key that are shown: enough for the whole key of any host or pool, with a usual prefix.
local KEY_BYTES = 400
SHOWN_BYTES = 200
--- Says in the log why a route or a pool cannot be used: once for each change on a node, not in each worker or at each
-- refresh. The log itself limits the lines about a name whose value keeps changing between good and bad (see
-- `quietLog`).
-- 
-- The state dict remembers what was said. Correctness depends on other entries there, so complaints take a fixed
-- number of slots and evict no other entry.
function ____exports.complaints(state, log, count, countOf, keys)
    return {
        bad = function(name, reason, lastGood)
            local own, free, said = slotFor(state, name)
            if said == reason then
                return
            end
            local slot = own or free
            if slot ~= nil then
                -- dropped: it takes no other entry's room, and at worst the complaint is said again
                state:safe_set(slot, (name .. "\0") .. reason)
            end
            count("bad_routes")
            local word = spaceOf(name).badWord
            local meanwhile = lastGood == nil and "it has no last good value" or "its last good value serves: " .. oneLine(lastGood)
            log.error(
                (((((word .. " ") .. printable(
                    keys.keyOf(name),
                    KEY_BYTES
                )) .. ": ") .. reason) .. "; ") .. meanwhile,
                name
            )
        end,
        good = function(name)
            -- Fast path: each good reading comes here, and most nodes have never had a complaint.
            if countOf("bad_routes") == 0 then
                return
            end
            local own = slotFor(state, name)
            if own ~= nil then
                state:delete(own)
            end
        end
    }
end
return ____exports

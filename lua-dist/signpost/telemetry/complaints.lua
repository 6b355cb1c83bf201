local ____exports = {}
local slotFor, hash, oneLine, KEY_PREFIX, SLOTS, PROBES, SHOWN_BYTES
local ____keys = require("signpost.redis.keys")
local isPoolName = ____keys.isPoolName
local ____complaint = require("signpost.text.complaint")
local printable = ____complaint.printable
--- @returns the slot that a name has and the reason in it; or, if it has none, the first free one of those it may have.
function slotFor(state, name)
    local first, begins = hash(name), name .. "\0"
    local free
    for i = 0, PROBES - 1 do
        local slot = KEY_PREFIX .. tostring((first + i) % SLOTS)
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
--- A hash has a line for each field, and the first begins with its line feed; see `printFields`.
function oneLine(text)
    local listed = string.gsub(text, "\n", ", ")
    local spaced = string.gsub(listed, "\t", " ")
    local line = string.gsub(spaced, "^, ", "")
    return printable(line, SHOWN_BYTES)
end
KEY_PREFIX = "bad:"
SLOTS = 1000
PROBES = 8
--- How much of a key is shown, bytes: all of any that can be a host's or a pool's, with a usual prefix.
local KEY_BYTES = 400
SHOWN_BYTES = 200
--- Says in the log why a route or a pool cannot be used: once for each change on a node, not once a worker nor once a
-- refresh. Values that go from good to bad all the time are for the log to limit, by the name (see `quietLog`).
-- 
-- What was said is remembered in the state dict, which holds what correctness depends on: so in a fixed number of slots,
-- and without taking room from anything else.
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
            local word = isPoolName(name) and "bad_pool" or "bad_route"
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
            -- Mostly there never was a complaint on the node, and each good reading comes here.
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

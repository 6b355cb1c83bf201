local ____exports = {}
local ask, keepAll, changedSince, noteUnkept, unkept, fleeting
local ____shared = require("signpost.cache.shared")
local knownFrom = ____shared.knownFrom
--- An answer counts from when Redis was asked, because it may be as old as the question.
function ask(parts, names)
    local ____parts_nodeState_0 = parts.nodeState
    local epochs = ____parts_nodeState_0.epochs
    local tickets = ____parts_nodeState_0.tickets
    local checked, epoch = parts.now(), epochs.current()
    local asked = {}
    for ____, name in ipairs(names) do
        asked[#asked + 1] = {
            checked = checked,
            epoch = epoch,
            ticket = tickets.of(name)
        }
    end
    return asked
end
--- Notes each name's ticket as of when it was stored; no ticket for a name that was refused.
function keepAll(shared, names, readings, asked, result)
    local ____result_1 = result
    local found = ____result_1.found
    local tickets = ____result_1.tickets
    for i = 1, #names do
        local name, reading, when = names[i], readings[i], asked[i]
        local kept, ticket = shared.keep(name, reading, when)
        found[name] = kept or knownFrom(reading, when)
        tickets[name] = nil
        if ticket ~= nil then
            tickets[name] = ticket
        end
    end
end
function changedSince(current, names, tickets)
    local changed = {}
    for ____, name in ipairs(names) do
        if tickets[name] ~= current.of(name) then
            changed[#changed + 1] = name
        end
    end
    return changed
end
--- Marks the answers that the shared dict does not hold. A request that waits for this read may have come after a name
-- was stored, and after the clock moved since. This look makes the name more recently used than that clock's mark: see
-- `ChangeClock`.
function noteUnkept(shared, found)
    for name, known in pairs(found) do
        if shared.find(name) == nil then
            found[name] = unkept(known)
        end
    end
end
function unkept(known)
    local ____known_2 = known
    local kind = ____known_2.kind
    local text = ____known_2.text
    local checked = ____known_2.checked
    local epoch = ____known_2.epoch
    return {
        kind = kind,
        text = text,
        checked = checked,
        epoch = epoch,
        isUnkept = true
    }
end
function fleeting(known)
    local ____known_3 = known
    local kind = ____known_3.kind
    local text = ____known_3.text
    local checked = ____known_3.checked
    local epoch = ____known_3.epoch
    return {
        kind = kind,
        text = text,
        checked = checked,
        epoch = epoch,
        isFleeting = true
    }
end
--- How many times a name is read at most because it changes while it is read.
local ROUNDS = 8
--- Reads names from Redis and stores the answers in the shared dict. A name that has changed meanwhile is read again,
-- and the read ends only when no name has. So every request that waits for the read gets values that were current
-- after the request came. A name that changes faster than it can be read is answered with the last reading, which is
-- not remembered.
function ____exports.readThrough(parts)
    return function(names)
        local result = {found = {}, tickets = {}}
        local found = result.found
        local tickets = result.tickets
        local pending = names
        for _ = 1, ROUNDS do
            local asked = ask(parts, pending)
            local readings, err, detail = parts.read(pending)
            if err ~= nil then
                return nil, err, detail
            end
            keepAll(
                parts.shared,
                pending,
                readings,
                asked,
                result
            )
            pending = changedSince(parts.nodeState.tickets, names, tickets)
            if #pending == 0 then
                break
            end
        end
        noteUnkept(parts.shared, found)
        for ____, name in ipairs(pending) do
            found[name] = fleeting(found[name])
        end
        return found, nil
    end
end
return ____exports

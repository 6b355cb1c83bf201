local ____exports = {}
local unkept, fleeting
local ____shared = require("signpost.cache.shared")
local knownFrom = ____shared.knownFrom
function unkept(known)
    local ____known_1 = known
    local kind = ____known_1.kind
    local text = ____known_1.text
    local checked = ____known_1.checked
    local epoch = ____known_1.epoch
    return {
        kind = kind,
        text = text,
        checked = checked,
        epoch = epoch,
        isUnkept = true
    }
end
function fleeting(known)
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
        isFleeting = true
    }
end
--- How often a name is read again because it changes while it is read.
local ROUNDS = 8
---
-- @returns reads names from Redis and keeps what it says. A name that has changed meanwhile is read again, and it is over
-- only when none has: so that who waits for the read, too, gets what was true after they came. One that changes faster
-- than it can be read is answered with what was read last, and not kept.
function ____exports.readThrough(parts)
    local noteUnkept, ask, keepAll, changedSince, shared, ledger, now
    --- Whoever waits for this read may have come after a name was kept, and after the clock has moved since. To look for it
    -- once more makes it more recently used than that clock's mark: see `hasForgottenFrom`.
    function noteUnkept(found)
        for name, known in pairs(found) do
            if shared.find(name) == nil then
                found[name] = unkept(known)
            end
        end
    end
    --- What Redis says counts from when it was asked: an answer may be as old as the question.
    function ask(names)
        local checked, epoch = now(), ledger.epoch()
        local asked = {}
        for ____, name in ipairs(names) do
            asked[#asked + 1] = {
                checked = checked,
                epoch = epoch,
                ticket = ledger.ticket(name)
            }
        end
        return asked
    end
    --- Takes down each name's ticket as of when it was kept; none for one that was not.
    function keepAll(names, readings, asked, found, tickets)
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
    function changedSince(names, tickets)
        local changed = {}
        for ____, name in ipairs(names) do
            if tickets[name] ~= ledger.ticket(name) then
                changed[#changed + 1] = name
            end
        end
        return changed
    end
    local ____parts_0 = parts
    local read = ____parts_0.read
    shared = ____parts_0.shared
    ledger = ____parts_0.ledger
    now = ____parts_0.now
    return function(names)
        local found = {}
        local tickets = {}
        local pending = names
        for _ = 1, ROUNDS do
            local asked = ask(pending)
            local readings, err, detail = read(pending)
            if err ~= nil then
                return nil, err, detail
            end
            keepAll(
                pending,
                readings,
                asked,
                found,
                tickets
            )
            pending = changedSince(names, tickets)
            if #pending == 0 then
                break
            end
        end
        noteUnkept(found)
        for ____, name in ipairs(pending) do
            found[name] = fleeting(found[name])
        end
        return found, nil
    end
end
return ____exports

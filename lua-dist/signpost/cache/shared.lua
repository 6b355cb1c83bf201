local ____exports = {}
local find, complain, accept, mayContradictMemory, store, dictOf, inForce, read
local ____record = require("signpost.cache.record")
local decodeRecord = ____record.decodeRecord
local encodeRecord = ____record.encodeRecord
local saysTheSame = ____record.saysTheSame
function find(parts, name)
    return read(parts.records, name) or read(parts.absent, name)
end
function complain(complaints, name, reading, kept)
    if reading.kind == "bad" then
        complaints.bad(name, reading.reason, kept.kind == "good" and kept.text or nil)
    else
        complaints.good(name)
    end
end
--- Stores a reading, under the name's lock.
function accept(parts, name, reading, asked)
    local ____parts_1 = parts
    local nodeState = ____parts_1.nodeState
    local last = find(parts, name)
    local known = inForce(reading, asked, last)
    local ____asked_2 = asked
    local ticket = ____asked_2.ticket
    if last == nil or not saysTheSame(last, known) then
        ticket = nodeState.tickets.move(name)
        if last ~= nil then
            dictOf(parts, last):delete(name)
        end
        if last ~= nil or mayContradictMemory(parts, known) then
            nodeState.changeClock.move()
        end
    end
    store(parts, name, known)
    return known, ticket
end
--- Whether a worker may remember something else about a name that is not held. It may if it has remembered the name and
-- a dict has evicted it since, or if it took the name for absent because a snapshot did not have it. A flood of
-- invented hosts evicts only absences and says nothing new of them, so it does not move the clock.
function mayContradictMemory(parts, known)
    local ____parts_nodeState_3 = parts.nodeState
    local changeClock = ____parts_nodeState_3.changeClock
    local completeness = ____parts_nodeState_3.completeness
    if changeClock.mayHaveEvictedFrom(parts.records) then
        return true
    end
    return known.kind ~= "absent" and (changeClock.mayHaveEvictedFrom(parts.absent) or completeness.holds())
end
function store(parts, name, known)
    local dict = dictOf(parts, known)
    local ____, err, forcible = dict:set(
        name,
        encodeRecord(known),
        0,
        known.epoch
    )
    if err ~= nil then
        parts.count("store_failures")
    end
    if forcible then
        parts.count("evictions")
    end
    if dict == parts.records and (forcible or err ~= nil) then
        parts.nodeState.completeness.revoke()
    end
end
function dictOf(parts, known)
    return known.kind == "absent" and parts.absent or parts.records
end
--- A bad route harms only itself, and its last good value, if there is one, goes on serving.
function inForce(reading, asked, last)
    local ____asked_4 = asked
    local checked = ____asked_4.checked
    local epoch = ____asked_4.epoch
    if reading.kind == "bad" and (last and last.kind) == "good" then
        return {kind = "good", text = last.text, checked = checked, epoch = epoch}
    end
    return ____exports.knownFrom(reading, asked)
end
---
-- @returns a reading as what is known from it.
function ____exports.knownFrom(reading, asked)
    local ____asked_7 = asked
    local checked = ____asked_7.checked
    local epoch = ____asked_7.epoch
    if reading.kind == "absent" then
        return {kind = "absent", text = "", checked = checked, epoch = epoch}
    end
    return {kind = reading.kind, text = reading.kind == "bad" and reading.reason or reading.text, checked = checked, epoch = epoch}
end
function read(dict, name)
    local value, flags = dict:get(name)
    if value == nil then
        return nil
    end
    return decodeRecord(value, flags or 0)
end
--- The level that all workers share. Routes and known-absent names live in dicts of their own, so that a flood of
-- invented hosts can never evict a route. Neither dict's own expiry is used: it would throw away the last known value.
-- 
-- **No lost update.** Invariant: once any worker has answered with a value, no worker answers a later request with an
-- older one while Redis is tracked. It is kept here, by four rules:
-- 
-- 1. A reading is stored only if the name's ticket is the one that was taken before Redis was asked. A push moves the
--    ticket, and so does a reading that says something new: a reading asked for before either is refused. The look at
--    the ticket and the store are one step, under the name's lock.
-- 2. A push moves the ticket and looks whether the name is held, in one step under the same lock, and has it read again
--    if so. So an older reading is either refused, or was stored before and is replaced.
-- 3. A new value can be seen only after the clock has moved: the old record is taken out first, then the clock moves,
--    then the new one goes in. A worker with the old value in memory must look here, and finds the new one or asks
--    Redis.
-- 4. No worker remembers a name that is not held, unless a dict may have evicted the name since the clock last moved
--    (`mayHaveEvictedFrom`). Then, and only then, a push for such a name moves the clock, and so does a reading of it
--    that a memory might contradict. This happens once each time a full dict has replaced all its entries: a dict too
--    small for all routes costs look-ups, and leaves the workers' memory alone.
-- 
-- A value for which there is no room at all is `isUnkept`: it is read again for each request.
function ____exports.sharedLevel(parts)
    local ____parts_0 = parts
    local nodeState = ____parts_0.nodeState
    local complaints = ____parts_0.complaints
    return {
        find = function(name) return find(parts, name) end,
        keep = function(name, reading, asked)
            local kept
            local ticket = asked.ticket
            nodeState.alone(
                name,
                function()
                    if nodeState.tickets.of(name) == asked.ticket then
                        kept, ticket = accept(parts, name, reading, asked)
                    end
                end
            )
            if kept == nil then
                return nil, nil
            end
            complain(complaints, name, reading, kept)
            return kept, ticket
        end
    }
end
return ____exports

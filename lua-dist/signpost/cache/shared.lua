local ____exports = {}
local inForce, read
local ____record = require("signpost.cache.record")
local decodeRecord = ____record.decodeRecord
local encodeRecord = ____record.encodeRecord
local saysTheSame = ____record.saysTheSame
--- A bad route harms only itself, and not even itself while there is a last good value: that goes on serving.
function inForce(reading, asked, last)
    local ____asked_2 = asked
    local checked = ____asked_2.checked
    local epoch = ____asked_2.epoch
    if reading.kind == "bad" and (last and last.kind) == "route" then
        return {kind = "route", text = last.text, checked = checked, epoch = epoch}
    end
    return ____exports.knownFrom(reading, asked)
end
---
-- @returns a reading as what is known from it.
function ____exports.knownFrom(reading, asked)
    local ____asked_5 = asked
    local checked = ____asked_5.checked
    local epoch = ____asked_5.epoch
    if reading.kind == "absent" then
        return {kind = "absent", text = "", checked = checked, epoch = epoch}
    end
    return {kind = reading.kind, text = reading.kind == "bad" and reading.reason or reading.text, checked = checked, epoch = epoch}
end
function read(dict, name)
    local value, flags = dict:get(name)
    local ____temp_6
    if value == nil then
        ____temp_6 = nil
    else
        ____temp_6 = decodeRecord(value, flags or 0)
    end
    return ____temp_6
end
--- The level that all workers share. Routes and known-absent names live in dicts of their own, so that a flood of
-- invented hosts can never evict a route. Neither dict's own expiry is used: it would throw away the last known value.
-- 
-- **No lost update.** Invariant: once any worker has answered with a value, no worker answers a later request with an
-- older one while Redis is tracked. It is kept here, by three rules:
-- 
-- 1. A reading is kept only if the name's ticket is the one that was taken before it was asked for. A push moves the
--    ticket, and so does a reading that says something new: what was asked for before either is refused. The look at the
--    ticket and the store are one step, under the name's lock.
-- 2. A push moves the ticket and looks whether the name is held, in one step under the same lock, and has it read again
--    if so. So an older reading is either refused, or was stored before and is replaced.
-- 3. A new value can be seen only after the clock has moved: the old record is taken out first, then the clock moves,
--    then the new one goes in. Who has the old value in memory must look here; who looks meanwhile asks Redis.
-- 
-- 4. A name that is not held is nowhere remembered, unless a dict may have evicted it since the clock last moved
--    (`hasForgottenFrom`). Then, and only then, a push for such a name moves the clock, and so does a reading of it that a
--    memory might contradict. It comes to that once for each time that a full dict has gone through all its room: a dict
--    too small for all routes costs look-ups, and leaves the workers' memory alone.
-- 
-- A value for which there is no room at all is `isUnkept`: it is read again for each request.
function ____exports.sharedLevel(parts)
    local find, keep, complain, land, mayContradictMemory, withdraw, store, dictOf, records, absent, ledger, complaints, count
    function find(name)
        return read(records, name) or read(absent, name)
    end
    function keep(name, reading, asked)
        local kept
        local ticket = asked.ticket
        ledger.alone(
            name,
            function()
                if ledger.ticket(name) == asked.ticket then
                    kept, ticket = land(name, reading, asked)
                end
            end
        )
        if kept == nil then
            return nil, nil
        end
        complain(name, reading, kept)
        return kept, ticket
    end
    function complain(name, reading, kept)
        if reading.kind == "bad" then
            complaints.bad(name, reading.reason, kept.kind == "route" and kept.text or nil)
        else
            complaints.good(name)
        end
    end
    function land(name, reading, asked)
        local last = find(name)
        local known = inForce(reading, asked, last)
        local ____asked_1 = asked
        local ticket = ____asked_1.ticket
        if last == nil or not saysTheSame(last, known) then
            ticket = ledger.moveTicket(name)
            withdraw(name, last)
            if last ~= nil or mayContradictMemory(known) then
                ledger.moveClock()
            end
        end
        store(name, known)
        return known, ticket
    end
    --- What is known now of a name that is not held. Memory may have it otherwise if it had it and it was evicted since, or
    -- took it for absent because a snapshot did not have it. A flood of invented hosts evicts only absences, and says nothing
    -- else than these did: it does not move the clock.
    function mayContradictMemory(known)
        if ledger.hasForgottenFrom(records) then
            return true
        end
        return known.kind ~= "absent" and (ledger.hasForgottenFrom(absent) or ledger.isComplete())
    end
    function withdraw(name, last)
        if last ~= nil then
            dictOf(last):delete(name)
        end
    end
    function store(name, known)
        local dict = dictOf(known)
        local ____, err, forcible = dict:set(
            name,
            encodeRecord(known),
            0,
            known.epoch
        )
        if err ~= nil then
            count("store_failures")
        end
        if forcible then
            count("evictions")
        end
        if dict == records and (forcible or err ~= nil) then
            ledger.setIncomplete()
        end
    end
    function dictOf(known)
        return known.kind == "absent" and absent or records
    end
    local ____parts_0 = parts
    records = ____parts_0.records
    absent = ____parts_0.absent
    ledger = ____parts_0.ledger
    complaints = ____parts_0.complaints
    count = ____parts_0.count
    return {find = find, keep = keep}
end
return ____exports

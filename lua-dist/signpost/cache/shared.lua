local ____exports = {}
local read
local ____record = require("signpost.cache.record")
local decodeRecord = ____record.decodeRecord
local encodeRecord = ____record.encodeRecord
function read(dict, name)
    local value = dict:get(name)
    local ____temp_2
    if value == nil then
        ____temp_2 = nil
    else
        ____temp_2 = decodeRecord(value)
    end
    return ____temp_2
end
--- The level that all workers share. Routes and known-absent names live in dicts of their own, so that a flood of
-- invented hosts can never evict a route. Neither dict's own expiry is used: it would throw away the last known value.
function ____exports.sharedLevel(records, absent, complaints, count)
    local find, keep, keepBad, store
    function find(name)
        return read(records, name) or read(absent, name)
    end
    function keep(name, reading, checked)
        if reading.kind == "bad" then
            return keepBad(name, reading.reason, checked)
        end
        complaints.good(name)
        if reading.kind == "absent" then
            local known = {kind = "absent", checked = checked, text = ""}
            store(absent, name, known)
            records:delete(name)
            return known
        end
        local known = {kind = "route", checked = checked, text = reading.text}
        store(records, name, known)
        absent:delete(name)
        return known
    end
    function keepBad(name, reason, checked)
        local last = read(records, name)
        local lastGood = (last and last.kind) == "route" and last.text or nil
        complaints.bad(name, reason, lastGood)
        local known = lastGood ~= nil and ({kind = "route", checked = checked, text = lastGood}) or ({kind = "bad", checked = checked, text = reason})
        store(records, name, known)
        absent:delete(name)
        return known
    end
    function store(dict, name, known)
        local ____, err, forcible = dict:set(
            name,
            encodeRecord(known)
        )
        if err ~= nil then
            count("store_failures")
        elseif forcible then
            count("evictions")
        end
    end
    return {find = find, keep = keep}
end
return ____exports

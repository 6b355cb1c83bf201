local ____exports = {}
local isRestored, wereRestored, fill, RESTORED, RESTORED_HERE, BY_0_1_0, VERSION
local ____keys = require("signpost.state.keys")
local STATE_KEYS = ____keys.STATE_KEYS
local ____record = require("signpost.cache.record")
local encodeRecord = ____record.encodeRecord
local ____shared = require("signpost.cache.shared")
local knownFrom = ____shared.knownFrom
local ____read_file = require("signpost.snapshot.read_file")
local readRoutes = ____read_file.readRoutes
--- Remembers which version of the routes file the records hold.
function ____exports.noteVersion(state, version)
    -- dropped: without it the file is read again, which is only a waste
    state:safe_set(VERSION, version or "")
end
function isRestored(parts)
    local restored = parts.state:get(RESTORED)
    local here = parts.records:get(RESTORED_HERE)
    return restored == BY_0_1_0 or restored ~= nil and restored == here
end
function wereRestored(records)
    local here = records:get(RESTORED_HERE)
    return here ~= nil
end
--- @returns whether every line could be used and every route stored.
function fill(path, parts, asked)
    local ____parts_2 = parts
    local records = ____parts_2.records
    local state = ____parts_2.state
    local reading = ____parts_2.reading
    local unkept = 0
    local function take(name, route)
        if route.kind == "absent" then
            records:delete(name)
            return
        end
        local ____, full, forcible = records:set(
            name,
            encodeRecord(knownFrom(route, asked)),
            0,
            asked.epoch
        )
        if full ~= nil or forcible then
            unkept = unkept + 1
        end
    end
    -- There are no requests to serve yet, and no other worker loads the file.
    local badLines, err, detail = readRoutes(
        path,
        reading,
        take,
        function() return true end
    )
    if err ~= nil then
        return nil, err, detail
    end
    if unkept > 0 then
        reading.log.error(((path .. ": signpost_records is too small: ") .. tostring(unkept)) .. " routes had no room")
    end
    local time = parts.now()
    -- dropped: without it a reload would do this again
    records:safe_set(RESTORED_HERE, time)
    -- dropped: the same
    state:safe_set(RESTORED, time)
    return badLines == 0 and unkept == 0, nil
end
RESTORED = STATE_KEYS.restored
RESTORED_HERE = "\nrestored"
BY_0_1_0 = 1
VERSION = STATE_KEYS.routesFile
--- For records that were not read from Redis in this life of the node. Each is verified before its next use, unless
-- Redis cannot be asked.
local LONG_AGO = {checked = 0, epoch = 0, ticket = 0}
--- Fills the records from a snapshot, once in the life of the shared dicts and before anything else is known. A snapshot
-- that is first configured by a reload may be older than the records. Must be called before there are workers.
function ____exports.restoreSnapshot(path, parts)
    local ____parts_0 = parts
    local nodeState = ____parts_0.nodeState
    if isRestored(parts) then
        return true, nil
    end
    if not nodeState.changeClock.isNew() or wereRestored(parts.records) then
        nodeState.completeness.revoke()
        return true, nil
    end
    local isWhole, err, detail = fill(path, parts, LONG_AGO)
    if err ~= nil then
        return nil, err, detail
    end
    if isWhole then
        nodeState.completeness.declare()
    end
    return true, nil
end
--- Fills the records from the routes file, once in the life of the shared dicts. Must be called before there are
-- workers.
function ____exports.loadRoutesFile(path, parts)
    if isRestored(parts) then
        return true, nil
    end
    local ____parts_1 = parts
    local nodeState = ____parts_1.nodeState
    local state = ____parts_1.state
    local reading = ____parts_1.reading
    local epoch = nodeState.epochs.prepare()
    local version = reading.files.version(path)
    local ____, err, detail = fill(
        path,
        parts,
        {
            checked = parts.now(),
            epoch = epoch,
            ticket = 0
        }
    )
    if err ~= nil then
        return nil, err, detail
    end
    ____exports.noteVersion(state, version)
    nodeState.epochs.publish(epoch)
    return true, nil
end
---
-- @returns whether the records hold this version of the routes file.
function ____exports.holdsVersion(state, version)
    local held = state:get(VERSION)
    return held == version
end
return ____exports

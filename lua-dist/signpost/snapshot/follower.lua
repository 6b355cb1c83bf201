local ____exports = {}
local ____record = require("signpost.cache.record")
local NEVER_SEEN = ____record.NEVER_SEEN
local ____read_file = require("signpost.snapshot.read_file")
local readRoutes = ____read_file.readRoutes
local ____restore = require("signpost.snapshot.restore")
local holdsVersion = ____restore.holdsVersion
local noteVersion = ____restore.noteVersion
--- How often the file is looked at, seconds.
local LOOK_SECONDS = 0.25
--- What lines of the log are about that name a route which could not be kept.
local NOT_KEPT = "routes that could not be kept"
--- How often a route is tried to be kept: longer in all than a lock that a killed worker left behind.
local TRIES = 5
local LOCKED_SECONDS = 0.02
---
-- @returns what stands in for reading Redis where there is none: all there is has been loaded from the file, or is being
-- loaded since the request has looked for it. It keeps nothing: only the follower writes, so nobody can overwrite what it
-- has just loaded.
function ____exports.readHeld(shared, ledger)
    return function(names)
        local epoch = ledger.epoch()
        local found = {}
        for ____, name in ipairs(names) do
            local known = shared.find(name)
            -- Without an epoch, for a moment after it was lost, all that is known serves.
            local isValid = known ~= nil and (epoch == 0 or ledger.covers(epoch, known.epoch))
            found[name] = isValid and known or NEVER_SEEN
        end
        return found, nil
    end
end
--- Reads the routes file again whenever it has changed, in one worker of the node. What it holds is kept for the next
-- epoch, route by route; when that begins, what the file no longer holds is known to be of an older one, and is gone.
-- 
-- Whose lease has lapsed while it read gives up at once and for good, even if it could have the lease again: another worker
-- may have loaded what is newer meanwhile.
-- 
-- @returns the follower's beat; see `watcher`
function ____exports.follower(parts)
    local follow, load, keep, complain, path, state, lease, ledger, files, log, lastProblem
    function follow()
        local version, err, detail = files.version(path)
        if err ~= nil then
            complain((err .. ": ") .. detail)
        elseif ledger.epoch() == 0 or not holdsVersion(state, version) then
            load(version)
        end
    end
    function load(version)
        local epoch = ledger.prepareEpoch()
        local isLost = false
        local function take(name, reading)
            local outcome = isLost and "lost" or keep(name, reading, epoch)
            isLost = outcome == "lost"
            if outcome == "locked" then
                log.error(((path .. ": ") .. name) .. " could not be kept", NOT_KEPT)
            end
        end
        local function renew()
            if not isLost then
                isLost = parts.isExiting() or not lease.isMine() or not lease.hold()
            end
            return not isLost
        end
        local function turn()
            parts.breathe()
            return renew()
        end
        local ____, err, detail = readRoutes(path, parts.reading, take, turn)
        if err == "file_error" then
            complain((err .. ": ") .. detail)
            return
        end
        if err ~= nil or not renew() then
            return
        end
        lastProblem = nil
        noteVersion(state, version)
        ledger.publishEpoch(epoch)
    end
    --- The lease is looked at each time: a worker may have been stopped since, and what it would write is older then.
    function keep(name, reading, epoch)
        for _ = 1, TRIES do
            if not lease.isMine() then
                return "lost"
            end
            local asked = {
                checked = parts.now(),
                epoch = epoch,
                ticket = ledger.ticket(name)
            }
            local kept = parts.shared.keep(name, reading, asked)
            if kept ~= nil then
                return "kept"
            end
            parts.pause(LOCKED_SECONDS)
        end
        return "locked"
    end
    --- The routes that were read last go on serving.
    function complain(problem)
        if problem ~= lastProblem then
            lastProblem = problem
            log.error(problem .. "; the routes stay as they are", path)
        end
    end
    local ____parts_0 = parts
    path = ____parts_0.path
    state = ____parts_0.state
    lease = ____parts_0.lease
    ledger = ____parts_0.ledger
    local ____parts_reading_1 = parts.reading
    files = ____parts_reading_1.files
    log = ____parts_reading_1.log
    return function()
        if not parts.isExiting() then
            ledger.touch()
            if lease.hold() then
                follow()
            end
        end
        -- Asked again: loading takes a while, and there is no further call in a worker that exits.
        if parts.isExiting() then
            lease.release()
            return nil
        end
        return LOOK_SECONDS
    end
end
return ____exports

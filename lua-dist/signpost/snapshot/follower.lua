local ____exports = {}
local follow, loadFile, renew, takeRoute, store, complain, NOT_STORED, TRIES, LOCKED_SECONDS
local ____read_file = require("signpost.snapshot.read_file")
local readRoutes = ____read_file.readRoutes
local ____restore = require("signpost.snapshot.restore")
local holdsVersion = ____restore.holdsVersion
local noteVersion = ____restore.noteVersion
--- Loads the file if it has changed.
function follow(follower)
    local ____follower_parts_1 = follower.parts
    local path = ____follower_parts_1.path
    local reading = ____follower_parts_1.reading
    local nodeState = ____follower_parts_1.nodeState
    local state = ____follower_parts_1.state
    local version, err, detail = reading.files.version(path)
    if err ~= nil then
        complain(follower, (err .. ": ") .. detail)
    elseif nodeState.epochs.current() == 0 or not holdsVersion(state, version) then
        loadFile(follower, version)
    end
end
function loadFile(follower, version)
    local ____follower_2 = follower
    local parts = ____follower_2.parts
    local ____parts_nodeState_3 = parts.nodeState
    local epochs = ____parts_nodeState_3.epochs
    local load = {
        parts = parts,
        epoch = epochs.prepare(),
        isLost = false
    }
    local function turn()
        parts.breathe()
        return renew(load)
    end
    local function take(name, reading)
        return takeRoute(load, name, reading)
    end
    local ____, err, detail = readRoutes(parts.path, parts.reading, take, turn)
    if err == "file_error" then
        complain(follower, (err .. ": ") .. detail)
    elseif err == nil and renew(load) then
        follower.lastProblem = nil
        noteVersion(parts.state, version)
        epochs.publish(load.epoch)
    end
end
--- @returns whether this load may continue.
function renew(load)
    local ____load_parts_4 = load.parts
    local lease = ____load_parts_4.lease
    local isExiting = ____load_parts_4.isExiting
    if not load.isLost then
        load.isLost = isExiting() or not lease.isMine() or not lease.hold()
    end
    return not load.isLost
end
function takeRoute(load, name, reading)
    local ____load_parts_5 = load.parts
    local path = ____load_parts_5.path
    local outcome = load.isLost and "lost" or store(load, name, reading)
    load.isLost = outcome == "lost"
    if outcome == "locked" then
        load.parts.reading.log.error(((path .. ": ") .. name) .. " could not be kept", NOT_STORED)
    end
end
--- Checks the lease before each try: this worker may have been suspended, and what it would store is then outdated.
function store(load, name, reading)
    local ____load_parts_6 = load.parts
    local lease = ____load_parts_6.lease
    local now = ____load_parts_6.now
    local nodeState = ____load_parts_6.nodeState
    local shared = ____load_parts_6.shared
    local pause = ____load_parts_6.pause
    for _ = 1, TRIES do
        if not lease.isMine() then
            return "lost"
        end
        local asked = {
            checked = now(),
            epoch = load.epoch,
            ticket = nodeState.tickets.of(name)
        }
        local kept = shared.keep(name, reading, asked)
        if kept ~= nil then
            return "stored"
        end
        pause(LOCKED_SECONDS)
    end
    return "locked"
end
--- Logs a problem unless it was the last one logged. The routes that were loaded last stay in use.
function complain(follower, problem)
    if problem ~= follower.lastProblem then
        follower.lastProblem = problem
        follower.parts.reading.log.error(problem .. "; the routes stay as they are", follower.parts.path)
    end
end
--- Seconds between looks at the file.
local LOOK_SECONDS = 0.25
NOT_STORED = "routes that could not be kept"
TRIES = 5
LOCKED_SECONDS = 0.02
--- Reads the routes file again whenever it has changed, in one worker of the node. Each route is stored for the next
-- epoch. When that epoch begins, routes that are no longer in the file belong to an older epoch and count as absent.
-- 
-- A worker whose lease lapses during a load abandons that load for good, even if it could take the lease again, because
-- another worker may have loaded a newer file meanwhile.
-- 
-- @returns a periodic task. It returns the seconds until its next call, or nothing if the worker is exiting.
function ____exports.follower(parts)
    local state = {parts = parts, lastProblem = nil}
    local ____parts_0 = parts
    local lease = ____parts_0.lease
    local nodeState = ____parts_0.nodeState
    local isExiting = ____parts_0.isExiting
    return function()
        if not isExiting() then
            nodeState.touch()
            if lease.hold() then
                follow(state)
            end
        end
        -- Check again: loading takes a while, and an exiting worker gets no further call.
        if isExiting() then
            lease.release()
            return nil
        end
        return LOOK_SECONDS
    end
end
return ____exports

local ____exports = {}
local writeFile, unfinishedPath, clearUp, noteAlive, fill, publish, failed, BEGUN, ALIVE, ALIVE_SECONDS
local ____keys = require("signpost.state.keys")
local STATE_KEYS = ____keys.STATE_KEYS
local STATE_PREFIXES = ____keys.STATE_PREFIXES
local ____stamp = require("signpost.state.stamp")
local isFromFuture = ____stamp.isFromFuture
local stampOf = ____stamp.stampOf
local ____overdue = require("signpost.snapshot.overdue")
local newOverdue = ____overdue.newOverdue
local ____write_file = require("signpost.snapshot.write_file")
local writeSnapshot = ____write_file.writeSnapshot
--- Writes and publishes a whole file. If that fails or raises, the old file stays.
function writeFile(parts)
    local unfinished = unfinishedPath(parts)
    clearUp(parts, unfinished)
    local file, err, detail = parts.files.create(unfinished)
    if err ~= nil then
        return failed(err, detail)
    end
    local ended, outcome = pcall(fill, file, parts, unfinished)
    if ended and outcome.kind == "written" then
        return publish(file, parts.path)
    end
    file.discard()
    if not ended then
        error(outcome, 0)
    end
    return outcome
end
--- Each worker has its own file: a worker that lost its turn while it wrote may not know that yet.
function unfinishedPath(parts)
    return ((parts.path .. ".") .. tostring(parts.me)) .. ".tmp"
end
--- Removes the files of workers that were killed while they wrote.
function clearUp(parts, unfinished)
    local ____parts_1 = parts
    local state = ____parts_1.state
    local files = ____parts_1.files
    local now = ____parts_1.now
    noteAlive(parts, unfinished)
    local begun = state:get(BEGUN)
    local stillBegun = {unfinished}
    for left in string.gmatch(begun or "", "[^\n]+") do
        local alive, stamp = state:get(ALIVE .. left)
        if alive == nil or isFromFuture(
            stamp,
            now()
        ) then
            files.remove(left)
        elseif left ~= unfinished then
            stillBegun[#stillBegun + 1] = left
        end
    end
    -- dropped: without it a killed worker's file stays
    state:safe_set(
        BEGUN,
        table.concat(stillBegun, "\n")
    )
end
function noteAlive(parts, unfinished)
    -- dropped: without it another worker may remove the file
    parts.state:safe_set(
        ALIVE .. unfinished,
        1,
        ALIVE_SECONDS,
        stampOf(parts.now())
    )
end
function fill(file, parts, unfinished)
    local ____parts_writing_2 = parts.writing
    local redis = ____parts_writing_2.redis
    local readValues = ____parts_writing_2.readValues
    local prefixes = ____parts_writing_2.prefixes
    local breathe = ____parts_writing_2.breathe
    local function breatheAlive()
        noteAlive(parts, unfinished)
        return breathe()
    end
    local ____, err, detail = writeSnapshot(file, {
        redis = redis,
        readValues = readValues,
        log = parts.log,
        prefixes = prefixes,
        breathe = breatheAlive
    })
    if err == nil then
        return {kind = "written"}
    end
    return err == "given_up" and ({kind = "handed_over"}) or failed(err, detail)
end
function publish(file, path)
    local ____, err, detail = file.publish(path)
    return err == nil and ({kind = "written"}) or failed(err, detail)
end
function failed(err, detail)
    return {kind = "failed", problem = (err .. ": ") .. detail}
end
BEGUN = STATE_KEYS.begunSnapshots
ALIVE = STATE_PREFIXES.snapshotWriter
ALIVE_SECONDS = 5
--- The log subject of messages about snapshots that could not be written.
local NOT_WRITTEN = "no new snapshot"
--- Writes a new file beside the old one, and then moves it over the old one in one step. So the path always leads to the
-- old file or to the new one, and each is complete. One worker of the node writes. If another takes over, it starts
-- again.
function ____exports.keeper(parts)
    local isDue, write, interval, now, log, overdue, isChanged, isWriting, nextAt
    function isDue()
        local wait = nextAt - now()
        -- A wait longer than the interval means that the clock was set back.
        local isTime = wait <= 0 or wait > interval
        return isTime and (isChanged or not parts.isTracked())
    end
    function write()
        -- This file may lack a change made from here on. Such a change makes the next file due.
        isChanged = false
        local ended, outcome = pcall(writeFile, parts)
        isWriting = false
        nextAt = now() + interval
        if ended and outcome.kind == "written" then
            overdue.written()
            return
        end
        isChanged = true
        if not ended then
            error(outcome, 0)
        end
        -- If the work was handed over, another worker writes the next file.
        if outcome.kind == "failed" then
            log.error("no new snapshot: " .. outcome.problem, NOT_WRITTEN)
        end
    end
    local ____parts_0 = parts
    local path = ____parts_0.path
    local state = ____parts_0.state
    interval = ____parts_0.interval
    now = ____parts_0.now
    log = ____parts_0.log
    overdue = newOverdue({
        path = path,
        state = state,
        interval = interval,
        now = now,
        log = log
    })
    isChanged = true
    isWriting = false
    nextAt = 0
    return {
        changed = function()
            isChanged = true
        end,
        tick = function()
            if (isWriting or isDue()) and parts.isMine() then
                overdue.due()
                if not isWriting then
                    isWriting = parts.runSoon(write)
                end
            end
        end
    }
end
return ____exports

local ____exports = {}
local ____stamp = require("signpost.state.stamp")
local isFromFuture = ____stamp.isFromFuture
local stampOf = ____stamp.stampOf
local ____overdue = require("signpost.snapshot.overdue")
local newOverdue = ____overdue.newOverdue
local ____write_file = require("signpost.snapshot.write_file")
local writeSnapshot = ____write_file.writeSnapshot
--- Under this key the state dict has the paths of files that were begun, one a line.
local BEGUN = "begun_snapshots"
--- Before a path, the key of a sign that its writer lives; it lasts many times longer than the pause between two.
local ALIVE = "alive:"
local ALIVE_SECONDS = 5
--- What lines of the log are about that say why there is no new one.
local NOT_WRITTEN = "no new snapshot"
--- Another worker writes the next one: no failure, and nothing to say.
local HANDED_OVER = "handed over"
--- Writes a new file beside the old one and then puts it in its place, in one step: whatever happens meanwhile, there is
-- the old or the new one, and each is whole. One worker of the node does so; another that takes over begins anew.
function ____exports.keeper(parts)
    local isDue, write, noteAlive, clearUp, writeFile, fill, path, files, now, log, overdue, unfinished, isChanged, isWriting, nextAt
    function isDue()
        local wait = nextAt - now()
        -- A longer wait than the interval: the clock was set back meanwhile.
        local isTime = wait <= 0 or wait > parts.interval
        return isTime and (isChanged or not parts.isTracked())
    end
    function write()
        -- What changes from here on may be missing in this file, and asks for the next.
        isChanged = false
        local done, problem = pcall(writeFile)
        isWriting = false
        nextAt = now() + parts.interval
        if done and problem == nil then
            overdue.written()
            return
        end
        isChanged = true
        if not done then
            error(problem, 0)
        end
        if problem ~= HANDED_OVER then
            log.error(
                "no new snapshot: " .. tostring(problem),
                NOT_WRITTEN
            )
        end
    end
    function noteAlive()
        -- dropped: without it another worker may remove the file
        parts.state:safe_set(
            ALIVE .. unfinished,
            1,
            ALIVE_SECONDS,
            stampOf(now())
        )
    end
    --- Removes what workers have left that were killed while they wrote.
    function clearUp()
        noteAlive()
        local begun = parts.state:get(BEGUN)
        local stillBegun = {unfinished}
        for left in string.gmatch(begun or "", "[^\n]+") do
            local alive, stamp = parts.state:get(ALIVE .. left)
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
        parts.state:safe_set(
            BEGUN,
            table.concat(stillBegun, "\n")
        )
    end
    --- @returns why there is no new file.
    function writeFile()
        clearUp()
        local file, err, detail = files.create(unfinished)
        if err ~= nil then
            return (err .. ": ") .. detail
        end
        local done, problem = pcall(fill, file)
        if not done or problem ~= nil then
            file.discard()
        end
        if not done then
            error(problem, 0)
        end
        if problem ~= nil then
            return problem
        end
        local ____, unpublished, reason = file.publish(path)
        local ____temp_1
        if unpublished == nil then
            ____temp_1 = nil
        else
            ____temp_1 = (unpublished .. ": ") .. reason
        end
        return ____temp_1
    end
    function fill(file)
        local ____parts_writing_2 = parts.writing
        local redis = ____parts_writing_2.redis
        local readValues = ____parts_writing_2.readValues
        local prefixes = ____parts_writing_2.prefixes
        local breathe = ____parts_writing_2.breathe
        local function breatheAlive()
            noteAlive()
            return breathe()
        end
        local ____, failure, reason = writeSnapshot(file, {
            redis = redis,
            readValues = readValues,
            log = log,
            prefixes = prefixes,
            breathe = breatheAlive
        })
        if failure == nil then
            return nil
        end
        return failure == "given_up" and HANDED_OVER or (failure .. ": ") .. reason
    end
    local ____parts_0 = parts
    path = ____parts_0.path
    files = ____parts_0.files
    local state = ____parts_0.state
    local interval = ____parts_0.interval
    now = ____parts_0.now
    log = ____parts_0.log
    overdue = newOverdue({
        path = path,
        state = state,
        interval = interval,
        now = now,
        log = log
    })
    unfinished = ((path .. ".") .. tostring(parts.me)) .. ".tmp"
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

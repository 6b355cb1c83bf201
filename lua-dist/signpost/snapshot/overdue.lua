local ____exports = {}
local ____keys = require("signpost.state.keys")
local STATE_KEYS = ____keys.STATE_KEYS
local ____said_once = require("signpost.state.said_once")
local mustSay = ____said_once.mustSay
--- The time since which a snapshot has been due, seconds since 1970.
local DUE = STATE_KEYS.snapshotDue
--- Exists once the log has said that the snapshot is overdue.
local SAID = STATE_KEYS.snapshotOverdue
--- A snapshot is overdue after this many intervals. A million routes take half a minute to write.
local INTERVALS = 5
--- A snapshot is never overdue before this many seconds.
local LEAST_SECONDS = 60
---
-- @returns the overdue check of one snapshot file.
function ____exports.newOverdue(parts)
    local ____parts_0 = parts
    local path = ____parts_0.path
    local state = ____parts_0.state
    local interval = ____parts_0.interval
    local now = ____parts_0.now
    local log = ____parts_0.log
    local most = math.max(INTERVALS * interval, LEAST_SECONDS)
    local function waited()
        local since = state:get(DUE)
        return type(since) == "number" and now() - since or 0
    end
    return {
        due = function()
            -- dropped: it is due already; or there is no room, and an overdue one is not noticed
            state:safe_add(
                DUE,
                now()
            )
            local seconds = waited()
            if seconds < 0 then
                -- dropped: a number over a number always has room
                state:safe_set(
                    DUE,
                    now()
                )
            end
            if seconds > most and mustSay(state, SAID) then
                log.error(
                    ((("the snapshot " .. path) .. " is overdue: for ") .. tostring(math.floor(seconds))) .. " s no new one could be written",
                    SAID
                )
            end
        end,
        written = function()
            local said = state:get(SAID)
            if said ~= nil then
                log.warn(
                    ((("the snapshot " .. path) .. " is written again, after ") .. tostring(math.floor(waited()))) .. " s",
                    SAID
                )
                state:delete(SAID)
            end
            state:delete(DUE)
        end
    }
end
return ____exports

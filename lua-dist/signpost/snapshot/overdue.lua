local ____exports = {}
local ____said_once = require("signpost.state.said_once")
local mustSay = ____said_once.mustSay
--- Since when one is due, seconds since 1970; and whether that was said.
local DUE = "snapshot_due"
local SAID = "snapshot_overdue"
--- After how many intervals a snapshot that is due is overdue. A million routes take half a minute to write.
local INTERVALS = 5
local LEAST_SECONDS = 60
function ____exports.newOverdue(____bindingPattern0)
    local log
    local now
    local interval
    local state
    local path
    path = ____bindingPattern0.path
    state = ____bindingPattern0.state
    interval = ____bindingPattern0.interval
    now = ____bindingPattern0.now
    log = ____bindingPattern0.log
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

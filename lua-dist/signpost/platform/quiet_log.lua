local ____exports = {}
local noteFurther, closeWindow, write, isOpen, WINDOW_SECONDS, MOST_LINES
local ____elapsed = require("signpost.state.elapsed")
local isWithin = ____elapsed.isWithin
--- Writes a further line of the window, or counts it.
function noteFurther(log, subject, level, message)
    if message ~= subject.lastWritten and subject.lines < MOST_LINES then
        subject.lines = subject.lines + 1
        subject.lastWritten = message
        write(log, level, message)
    else
        subject.leftOut = subject.leftOut + 1
        subject.lastLeftOut = message
        subject.level = level
    end
end
--- Ends a subject's window.
-- @returns whether lines were left out in it. The last of them was written then, and begins the next window
function closeWindow(log, subject, time)
    local ____subject_0 = subject
    local leftOut = ____subject_0.leftOut
    local lastLeftOut = ____subject_0.lastLeftOut
    local level = ____subject_0.level
    if leftOut == 0 then
        return false
    end
    write(
        log,
        level,
        ((lastLeftOut .. " (the last of ") .. tostring(leftOut)) .. " lines like this that were left out)"
    )
    subject.since = time
    subject.lines = 1
    subject.lastWritten = lastLeftOut
    subject.leftOut = 0
    return true
end
function write(log, level, message)
    if level == "error" then
        log.error(message)
    else
        log.warn(message)
    end
end
function isOpen(subject, time)
    return isWithin(WINDOW_SECONDS, subject.since, time)
end
WINDOW_SECONDS = 60
MOST_LINES = 5
--- How many subjects are told apart. All further ones share one.
local MOST_SUBJECTS = 1000
--- The subject that further ones share.
local OTHERS = ""
--- Limits how much of a log one problem fills, in each worker. The same line about a subject is written once a minute,
-- and at most five different lines are. The rest is counted: when the minute is over, the last of them is written with
-- the count, so the log's last word on a subject is true. A thousand subjects are told apart. All further ones share
-- one limit.
function ____exports.quietLog(log, now)
    local note, subjects, count
    function note(level, message, about)
        local key = (subjects[about] ~= nil or count < MOST_SUBJECTS) and about or OTHERS
        local known = subjects[key]
        local time = now()
        if known ~= nil and (isOpen(known, time) or closeWindow(log, known, time)) then
            noteFurther(log, known, level, message)
            return
        end
        if known == nil then
            count = count + 1
        end
        subjects[key] = {
            since = time,
            lines = 1,
            lastWritten = message,
            leftOut = 0,
            lastLeftOut = message,
            level = level
        }
        write(log, level, message)
    end
    subjects = {}
    count = 0
    return {
        error = function(message, about)
            note("error", message, about or message)
        end,
        warn = function(message, about)
            note("warn", message, about or message)
        end,
        flush = function()
            local time = now()
            local left = {}
            count = 0
            for about, subject in pairs(subjects) do
                if isOpen(subject, time) or closeWindow(log, subject, time) then
                    left[about] = subject
                    count = count + 1
                end
            end
            subjects = left
        end
    }
end
return ____exports

local ____exports = {}
local isOver, WINDOW
--- A time in the future is over, too: the clock was set back.
function isOver(____bindingPattern0, time)
    local since
    since = ____bindingPattern0.since
    return time < since or time - since >= WINDOW
end
WINDOW = 60
--- How many different lines may be written of one subject within the window.
local MOST_LINES = 5
--- How many subjects are remembered; all others share one.
local MOST_SUBJECTS = 1000
local OTHERS = ""
--- Bounds how much of a log the same trouble fills, in each worker. The same line about a subject is written once a minute,
-- and no more than five different ones. What is left out is counted, and the last of it is written with the count when the
-- minute is over: so the log's last word on a subject is true. A thousand subjects are told apart; beyond, lines are
-- limited as a whole.
function ____exports.quietLog(log, now)
    local note, closeWindow, write, subjects, count
    function note(level, message, about)
        local key = (subjects[about] ~= nil or count < MOST_SUBJECTS) and about or OTHERS
        local known = subjects[key]
        local time = now()
        if known == nil or isOver(known, time) and not closeWindow(known, time) then
            if known == nil then
                count = count + 1
            end
            subjects[key] = {
                since = time,
                lines = 1,
                said = message,
                leftOut = 0,
                last = message,
                level = level
            }
            write(level, message)
        elseif message ~= known.said and known.lines < MOST_LINES then
            known.lines = known.lines + 1
            known.said = message
            write(level, message)
        else
            known.leftOut = known.leftOut + 1
            known.last = message
            known.level = level
        end
    end
    --- @returns whether something was left out in it, which is written and begins another.
    function closeWindow(subject, time)
        if subject.leftOut == 0 then
            return false
        end
        write(
            subject.level,
            ((subject.last .. " (the last of ") .. tostring(subject.leftOut)) .. " lines like this that were left out)"
        )
        subject.since = time
        subject.lines = 1
        subject.said = subject.last
        subject.leftOut = 0
        return true
    end
    function write(level, message)
        if level == "error" then
            log.error(message)
        else
            log.warn(message)
        end
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
                if not isOver(subject, time) or closeWindow(subject, time) then
                    left[about] = subject
                    count = count + 1
                end
            end
            subjects = left
        end
    }
end
return ____exports

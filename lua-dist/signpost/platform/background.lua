local ____exports = {}
local pendingIn, setTimer, begin, runSafely, pending, ROUND_SECONDS
local ____log = require("signpost.platform.log")
local log = ____log.log
function pendingIn(delaySeconds, task)
    local waiting = {
        task = task,
        rounds = math.ceil(delaySeconds / ROUND_SECONDS) + 1
    }
    pending[waiting] = true
    return waiting
end
--- @returns whether nginx has set a timer. In a worker that is about to exit, a failure is not logged.
function setTimer(waiting, delaySeconds)
    local ____, err = ngx.timer.at(
        delaySeconds,
        function()
            begin(waiting)
        end
    )
    if err ~= nil and not ngx.worker.exiting() then
        log.error("no timer for a background task: " .. err)
    end
    return err == nil
end
function begin(waiting)
    if pending[waiting] ~= nil then
        pending[waiting] = nil
        waiting.task()
    end
end
function runSafely(task)
    local done, problem = pcall(task)
    if not done then
        log.error("background task: " .. tostring(problem))
    end
end
pending = {}
ROUND_SECONDS = 1
--- Every second, sets another timer for tasks that should have begun a second ago. Call it once in each worker.
function ____exports.watchTimers()
    -- This timer never stops: nginx sets its next turn before it looks whether there is room for this one.
    local ____, err = ngx.timer.every(
        ROUND_SECONDS,
        function()
            if ngx.worker.exiting() then
                return
            end
            for waiting in pairs(pending) do
                waiting.rounds = waiting.rounds - 1
                if waiting.rounds < 0 then
                    -- dropped: the next round asks again
                    setTimer(waiting, 0)
                end
            end
        end
    )
    if err ~= nil then
        log.error("no timer to watch the others: " .. err)
    end
end
--- Runs a task outside any request. A task that raises ends, and the error is logged. A task that nginx has no timer
-- for is refused, and that is logged. A worker that is about to exit begins no task.
____exports.runSoon = function(task)
    -- A timer set now would make nginx log "open socket left" when the worker ends.
    if ngx.worker.exiting() then
        return false
    end
    local waiting = pendingIn(
        0,
        function()
            if not ngx.worker.exiting() then
                runSafely(task)
            end
        end
    )
    local isAccepted = setTimer(waiting, 0)
    if not isAccepted then
        pending[waiting] = nil
    end
    return isAccepted
end
--- How long requests have their turn between two pieces of background work, seconds.
local BREATH = 0.001
--- Lets requests have their turn. Yields.
function ____exports.breathe()
    ngx.sleep(BREATH)
end
--- Seconds from a call that raised to the next one.
local RECOVERY_SECONDS = 1
--- Calls `task` outside any request, again and again. Each call returns how many seconds later the next one follows; a
-- call that returns nothing is the last. A worker that is about to exit makes the next call at once. Each call has a
-- timer of its own, so that nginx frees what a call has used when that call ends.
function ____exports.repeatInBackground(task)
    local run
    local function again(delaySeconds)
        -- dropped: the watchdog asks again
        setTimer(
            pendingIn(delaySeconds, run),
            delaySeconds
        )
    end
    run = function()
        local next = RECOVERY_SECONDS
        runSafely(function()
            next = task()
        end)
        if next ~= nil then
            again(next)
        end
    end
    again(0)
end
--- Runs both at once, as light threads, until one returns. The other is killed where it waits. Raises the error of the
-- first to end, if it has raised one. Yields.
function ____exports.race(one, other)
    local first = ngx.thread.spawn(one)
    local second = ngx.thread.spawn(other)
    local ended, problem = ngx.thread.wait(first, second)
    -- dropped: it fails for the one that has ended
    ngx.thread.kill(first)
    -- dropped: it fails for the one that has ended
    ngx.thread.kill(second)
    if not ended then
        error(
            tostring(problem),
            0
        )
    end
end
--- Runs a task for at most `seconds`, and then kills it where it waits. Raises what the task raises. Yields.
function ____exports.runWithin(seconds, task)
    ____exports.race(
        task,
        function()
            ngx.sleep(seconds)
        end
    )
end
return ____exports

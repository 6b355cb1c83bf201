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
--- @returns whether nginx has set a timer. A worker that is about to exit needs none, and says nothing.
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
--- Asks again, each second, for what should have begun a second ago. To be called once in each worker.
function ____exports.watchTimers()
    -- This one goes on for ever: nginx sets its next turn before it finds that there is no room for this one.
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
--- Runs a task outside any request. A task that raises is logged as an error and ends; one that nginx has no timer for is
-- refused and logged; and none is begun in a worker that is about to exit.
____exports.runSoon = function(task)
    -- A timer set now would leave nginx something to complain of when the worker has ended ("open socket left").
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
--- For how long requests have their turn between two pieces of work in the background, seconds.
local BREATH = 0.001
--- Lets requests have their turn. Yields.
function ____exports.breathe()
    ngx.sleep(BREATH)
end
--- When a beat has raised, the next comes after this many seconds.
local RECOVERY_SECONDS = 1
--- Calls `beat` outside any request, again and again, each time after as many seconds as it returned, until it returns
-- nothing; sooner when the worker is about to exit. Each in a timer of its own, so that what nginx has given to one
-- goes back when it ends.
function ____exports.repeatInBackground(beat)
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
            next = beat()
        end)
        if next ~= nil then
            again(next)
        end
    end
    again(0)
end
--- Runs both at once, as light threads, until one returns; the other is ended where it waits. Raises what
-- that one raises. Yields.
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
--- Runs a task for so many seconds at most: after them it is ended where it waits. Raises what it raises. Yields.
function ____exports.runWithin(seconds, task)
    ____exports.race(
        task,
        function()
            ngx.sleep(seconds)
        end
    )
end
return ____exports

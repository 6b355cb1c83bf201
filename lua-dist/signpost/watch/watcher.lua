local ____exports = {}
local tick, watchOnce, watchOn, endAbandonedEpoch, complain, CLOCK_LAG_SECONDS, REFUSED_PAUSE_SECONDS, SUBJECT
local ____listen = require("signpost.watch.listen")
local listen = ____listen.listen
local TICK_SECONDS = ____listen.TICK_SECONDS
local ____pushed_names = require("signpost.watch.pushed_names")
local pushedNames = ____pushed_names.pushedNames
local ____tracked_epoch = require("signpost.watch.tracked_epoch")
local trackedEpoch = ____tracked_epoch.trackedEpoch
--- Marks the state's entries as recently used, and notices when the clock was set back.
function tick(watch)
    local ____watch_parts_1 = watch.parts
    local now = ____watch_parts_1.now
    local nodeState = ____watch_parts_1.nodeState
    local time = now()
    if time < watch.lastTickAt - CLOCK_LAG_SECONDS then
        -- The next try must not wait until the clock reaches the earlier time again.
        watch.nextTryAt = time
        nodeState.changeClock.move()
    end
    watch.lastTickAt = time
    nodeState.touch()
end
--- Opens a connection, and watches until it breaks or this worker must give it up.
function watchOnce(watch)
    local ____watch_parts_2 = watch.parts
    local open = ____watch_parts_2.open
    local lease = ____watch_parts_2.lease
    local backoff = ____watch_parts_2.backoff
    local now = ____watch_parts_2.now
    local tracking, err, detail = open()
    if err ~= nil then
        endAbandonedEpoch(watch.parts)
        watch.nextTryAt = now() + (err == "not_tracked" and REFUSED_PAUSE_SECONDS or backoff.next())
        complain(watch, ((err .. ": ") .. detail) .. "; without pushes, routes are refreshed every cache_ttl")
        return
    end
    -- Opening may have taken longer than the lease lasts. After a reload, the old worker stops watching only after this
    -- call.
    if not lease.hold() then
        tracking.close()
        return
    end
    local openedAt = now()
    local problem = watchOn(watch, tracking)
    if problem ~= nil then
        -- Only a connection that lasted resets the backoff. One that always breaks at once must not be opened again at
        -- once.
        if now() - openedAt > watch.parts.timeout then
            backoff.reset()
        end
        watch.nextTryAt = now() + backoff.next()
        complain(watch, ("redis_down: the tracking connection was lost: " .. problem) .. "; it is made again")
    end
end
--- Runs an epoch of tracking. @returns why the connection was lost; nothing if this worker had to give it up
function watchOn(watch, tracking)
    local ____watch_3 = watch
    local parts = ____watch_3.parts
    local epoch = ____watch_3.epoch
    local pushed = ____watch_3.pushed
    epoch.begin()
    if watch.lastProblem ~= nil then
        watch.lastProblem = nil
        parts.log.warn("changes are pushed again", SUBJECT)
    end
    local problem = listen(
        tracking,
        parts,
        {
            pushed = pushed,
            epoch = epoch,
            goesOn = function()
                if not parts.lease.hold() or parts.isExiting() then
                    return false
                end
                tick(watch)
                return true
            end
        }
    )
    tracking.close()
    -- Handle the names put off now: without pushes, an old record would serve for `cache_ttl`.
    pushed.handlePutOff()
    epoch.finish()
    return problem
end
--- Ends an epoch that no worker tracks any longer. The last watcher has died without ending it, or it watches with the
-- settings from before a reload.
function endAbandonedEpoch(parts)
    local ____parts_nodeState_4 = parts.nodeState
    local epochs = ____parts_nodeState_4.epochs
    local abandoned = parts.lease.hold() and epochs.current() or 0
    if abandoned ~= 0 then
        epochs.finish(abandoned)
    end
end
function complain(watch, problem)
    if problem ~= watch.lastProblem then
        watch.lastProblem = problem
        watch.parts.log.warn(problem, SUBJECT)
    end
end
CLOCK_LAG_SECONDS = 1
REFUSED_PAUSE_SECONDS = 60
SUBJECT = "watching Redis"
--- Keeps the node's knowledge in step with Redis. One worker of the node, which holds the lease, has a connection on
-- which Redis says which keys have changed.
-- 
-- @returns a periodic task. It returns the seconds until its next call, or nothing if the worker is exiting. It does
-- not return while it holds the connection, which may be for days.
function ____exports.watcher(parts)
    local epoch = trackedEpoch(parts.nodeState.epochs, parts.changed)
    local pushed = pushedNames(
        parts,
        parts.newReread(epoch.restart)
    )
    local watch = {
        parts = parts,
        epoch = epoch,
        pushed = pushed,
        nextTryAt = 0,
        lastTickAt = 0,
        lastProblem = nil
    }
    local ____parts_0 = parts
    local lease = ____parts_0.lease
    local now = ____parts_0.now
    local isExiting = ____parts_0.isExiting
    return function()
        if not isExiting() then
            tick(watch)
            if lease.claim() and now() >= watch.nextTryAt then
                watchOnce(watch)
            end
        end
        if not isExiting() then
            return TICK_SECONDS
        end
        -- Release the lease here: an exiting worker gets no further call.
        lease.release()
        return nil
    end
end
return ____exports

local ____exports = {}
local ____pace = require("signpost.watch.pace")
local newPace = ____pace.newPace
local ____push_parser = require("signpost.watch.push_parser")
local pushParser = ____push_parser.pushParser
--- How often the watcher looks at its lease and at the time, seconds.
local BEAT = 0.2
--- A worker's time is never behind what it was by more than this, seconds, unless the clock was set back.
local CLOCK_LAG = 1
--- How long until tracking is tried again where Redis has refused it, seconds.
local REFUSED_PAUSE = 60
--- With so many names that wait to be read again, no more pushes are read: Redis keeps them meanwhile. A hundred thousand at
-- once would make Lua's table of strings so large that to grow and shrink it takes tens of milliseconds.
local MOST_WAITING = 2000
--- How often it is seen to whether the time of changes that were put off has come, seconds.
local PUT_OFF_LOOK = 0.005
--- What its lines in the log are about.
local SUBJECT = "watching Redis"
local NO_NAMES = {}
--- Keeps the node's knowledge in step with Redis: in one of its workers, over one connection on which Redis says which
-- keys have changed.
-- 
-- A key that is rewritten all the time must not keep the node busy. The first push of a name is handled at once; one that
-- comes within 20 ms of the last is put off for the rest of them, and pushes that come meanwhile are one with it. A push
-- that is handled late is as good as one that Redis sent late: until then the old record serves, whose ticket has not
-- moved; then the ticket moves, which refuses whatever was asked for before, and the name is read again. So the last
-- value always arrives, and `sharedLevel`'s invariant, which holds however late a push comes, holds as before.
-- 
-- @returns the watcher's beat: to be called again and again, each time after as many seconds as it returns, until it
-- returns nothing because the worker is exiting. It holds the connection while it runs, and so may run for days.
function ____exports.watcher(parts)
    local beat, noteTime, watchOnce, endAbandonedEpoch, listen, hear, attend, noteKey, catchUpSoon, catchUp, handle, noteName, missed, rereadAll, complain, lease, nodeState, log, now, backoff, nextTryAt, lastBeatAt, epoch, lastProblem, reread, pace, isCatchingUp
    function beat()
        if not parts.isExiting() then
            noteTime()
            nodeState.touch()
            if lease.claim() and now() >= nextTryAt then
                watchOnce()
            end
        end
        if not parts.isExiting() then
            return BEAT
        end
        lease.release()
        return nil
    end
    function noteTime()
        local time = now()
        if time < lastBeatAt - CLOCK_LAG then
            nextTryAt = time
            nodeState.changeClock.move()
        end
        lastBeatAt = time
    end
    function watchOnce()
        local tracking, err, detail = parts.open()
        if err ~= nil then
            endAbandonedEpoch()
            nextTryAt = now() + (err == "not_tracked" and REFUSED_PAUSE or backoff.next())
            complain(((err .. ": ") .. detail) .. "; without pushes, routes are refreshed every cache_ttl")
            return
        end
        if not lease.hold() then
            tracking.close()
            return
        end
        epoch = nodeState.epochs.begin()
        parts.changed()
        if lastProblem ~= nil then
            lastProblem = nil
            log.warn("changes are pushed again", SUBJECT)
        end
        local opened = now()
        local problem = listen(tracking)
        tracking.close()
        handle(pace.all())
        nodeState.epochs.finish(epoch)
        epoch = 0
        if problem ~= nil then
            if now() - opened > parts.timeout then
                backoff.reset()
            end
            nextTryAt = now() + backoff.next()
            complain(("redis_down: the tracking connection was lost: " .. problem) .. "; it is made again")
        end
    end
    function endAbandonedEpoch()
        local abandoned = lease.hold() and nodeState.epochs.current() or 0
        if abandoned ~= 0 then
            nodeState.epochs.finish(abandoned)
        end
    end
    function listen(tracking)
        local heard = {at = now()}
        local problem
        parts.race(
            function()
                problem = hear(tracking, heard)
            end,
            function()
                problem = attend(tracking, heard)
            end
        )
        return problem
    end
    function hear(tracking, heard)
        local changed = {}
        local parser = pushParser({
            key = function(key) return noteKey(key, changed) end,
            everything = missed
        })
        do
            while true do
                do
                    local bytes, err = tracking.receive()
                    if err ~= nil then
                        return err
                    end
                    heard.at = now()
                    local problem = parser.feed(bytes)
                    rereadAll(changed)
                    if problem ~= nil then
                        return problem
                    end
                    if not parser.wantsBreath() then
                        goto __continue23
                    end
                    repeat
                        do
                            parts.breathe()
                        end
                    until not (reread(NO_NAMES) + pace.waiting() > MOST_WAITING)
                    heard.at = now()
                end
                ::__continue23::
            end
        end
    end
    function attend(tracking, heard)
        local pingedAt = now()
        while lease.hold() and not parts.isExiting() do
            noteTime()
            nodeState.touch()
            local time = now()
            heard.at = math.min(heard.at, time)
            pingedAt = math.min(pingedAt, time)
            if nodeState.epochs.current() ~= epoch then
                missed()
            end
            if time - heard.at >= parts.timeout then
                return ("nothing was heard for " .. tostring(parts.timeout)) .. " s"
            end
            if time - math.max(heard.at, pingedAt) >= parts.timeout / 3 then
                pingedAt = time
                tracking.ping()
            end
            parts.pause(BEAT)
        end
        return nil
    end
    function noteKey(key, changed)
        parts.changed()
        parts.keys.eachName(
            key,
            function(name)
                if not pace.allows(name) then
                    catchUpSoon()
                elseif noteName(name, changed) then
                    pace.handled(name)
                end
            end
        )
    end
    function catchUpSoon()
        if not isCatchingUp then
            isCatchingUp = parts.runSoon(catchUp)
            if not isCatchingUp then
                handle(pace.all())
            end
        end
    end
    function catchUp()
        while pace.waiting() > 0 do
            parts.pause(PUT_OFF_LOOK)
            handle(pace.due())
        end
        isCatchingUp = false
    end
    function handle(names)
        local changed = {}
        for ____, name in ipairs(names) do
            if noteName(name, changed) then
                pace.handled(name)
            end
        end
        rereadAll(changed)
    end
    function noteName(name, changed)
        local isHeld = true
        local isAlone = nodeState.alone(
            name,
            function()
                nodeState.tickets.move(name)
                isHeld = parts.holds(name)
            end
        )
        if not isAlone then
            nodeState.tickets.move(name)
        end
        if isHeld then
            changed[#changed + 1] = name
        elseif nodeState.changeClock.mayHaveEvicted() then
            nodeState.changeClock.move()
        else
            return false
        end
        return true
    end
    function missed()
        if epoch ~= 0 then
            epoch = nodeState.epochs.begin()
            parts.changed()
        end
    end
    function rereadAll(changed)
        if #changed > 0 then
            reread(changed)
            for i = #changed, 1, -1 do
                table.remove(changed, i)
            end
        end
    end
    function complain(problem)
        if problem ~= lastProblem then
            lastProblem = problem
            log.warn(problem, SUBJECT)
        end
    end
    local ____parts_0 = parts
    lease = ____parts_0.lease
    nodeState = ____parts_0.nodeState
    log = ____parts_0.log
    now = ____parts_0.now
    backoff = ____parts_0.backoff
    nextTryAt = 0
    lastBeatAt = 0
    epoch = 0
    reread = parts.newReread(missed)
    pace = newPace(now)
    isCatchingUp = false
    return beat
end
return ____exports

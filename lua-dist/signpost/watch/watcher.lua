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
    local beat, noteTime, watchOnce, endAbandonedEpoch, listen, hear, attend, noteKey, catchUpSoon, catchUp, handle, noteName, missed, rereadAll, complain, lease, ledger, log, now, backoff, nextTryAt, lastBeatAt, epoch, lastProblem, reread, pace, isCatchingUp
    function beat()
        if not parts.isExiting() then
            noteTime()
            ledger.touch()
            if lease.claim() and now() >= nextTryAt then
                watchOnce()
            end
        end
        if not parts.isExiting() then
            return BEAT
        end
        -- Here, for there is no further call in a worker that exits.
        lease.release()
        return nil
    end
    --- When the clock was set back, nothing that was to happen at a later time must wait until it has come there again.
    function noteTime()
        local time = now()
        if time < lastBeatAt - CLOCK_LAG then
            nextTryAt = time
            ledger.moveClock()
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
        -- Opening may have taken longer than the lease lasts. After a reload, the old worker stops watching only now.
        if not lease.hold() then
            tracking.close()
            return
        end
        epoch = ledger.beginEpoch()
        parts.changed()
        if lastProblem ~= nil then
            lastProblem = nil
            log.warn("changes are pushed again", SUBJECT)
        end
        local opened = now()
        local problem = listen(tracking)
        tracking.close()
        -- Without pushes, an old record would serve for cache_ttl.
        handle(pace.all())
        ledger.endEpoch(epoch)
        epoch = 0
        if problem ~= nil then
            -- A connection that lasted was a good one; one that breaks at once must not be made again at once for ever.
            if now() - opened > parts.timeout then
                backoff.reset()
            end
            nextTryAt = now() + backoff.next()
            complain(("redis_down: the tracking connection was lost: " .. problem) .. "; it is made again")
        end
    end
    --- Who watched before has died without a word, or watches with the settings from before a reload.
    function endAbandonedEpoch()
        local abandoned = lease.hold() and ledger.epoch() or 0
        if abandoned ~= 0 then
            ledger.endEpoch(abandoned)
        end
    end
    --- @returns why the connection is of no more use; nothing if it is only this worker that has to let it go.
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
                    -- What came meanwhile was only not listened to.
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
            ledger.touch()
            local time = now()
            -- Not later than now: the clock may have been set back.
            heard.at = math.min(heard.at, time)
            pingedAt = math.min(pingedAt, time)
            -- Another worker that took itself for the watcher, for a moment, has ended this epoch or begun one of its own.
            if ledger.epoch() ~= epoch then
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
            -- nginx has no timer to spare: rather too often than never.
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
    --- See `sharedLevel`, rule 2.
    -- @returns whether it has cost more than the look: a read, or that all workers look again
    function noteName(name, changed)
        local isHeld = true
        local isAlone = ledger.alone(
            name,
            function()
                ledger.moveTicket(name)
                isHeld = parts.holds(name)
            end
        )
        if not isAlone then
            ledger.moveTicket(name)
        end
        if isHeld then
            changed[#changed + 1] = name
        elseif ledger.hasForgotten() then
            ledger.moveClock()
        else
            return false
        end
        return true
    end
    --- Something has changed, and what is not known: all that is known is read again before its next use.
    function missed()
        if epoch ~= 0 then
            epoch = ledger.beginEpoch()
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
    ledger = ____parts_0.ledger
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

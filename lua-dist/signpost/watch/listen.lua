local ____exports = {}
local hear, attend, checkSilence, MOST_WAITING
local ____push_parser = require("signpost.watch.push_parser")
local pushParser = ____push_parser.pushParser
--- Reads pushes until the connection breaks.
function hear(session)
    local ____session_0 = session
    local tracking = ____session_0.tracking
    local parts = ____session_0.parts
    local listener = ____session_0.listener
    local ____listener_1 = listener
    local pushed = ____listener_1.pushed
    local epoch = ____listener_1.epoch
    local parser = pushParser({
        key = function(key)
            parts.changed()
            pushed.note(key)
        end,
        everything = epoch.restart
    })
    do
        while true do
            do
                local bytes, err = tracking.receive()
                if err ~= nil then
                    return err
                end
                session.heardAt = parts.now()
                local problem = parser.feed(bytes)
                pushed.rereadNoted()
                if problem ~= nil then
                    return problem
                end
                if not parser.wantsBreath() then
                    goto __continue8
                end
                repeat
                    do
                        parts.breathe()
                    end
                until not (pushed.waiting() > MOST_WAITING)
                -- Nobody listened during the pause, so it does not count as silence.
                session.heardAt = parts.now()
            end
            ::__continue8::
        end
    end
end
--- Checks the lease, the epoch and the silence. @returns why the connection is dead; nothing if this worker must give it
-- up
function attend(session)
    local ____session_2 = session
    local parts = ____session_2.parts
    local listener = ____session_2.listener
    local ____listener_3 = listener
    local epoch = ____listener_3.epoch
    local goesOn = ____listener_3.goesOn
    while goesOn() do
        -- Another worker that briefly acted as the watcher has ended this epoch or begun one of its own.
        if not epoch.isCurrent() then
            epoch.restart()
        end
        local problem = checkSilence(
            session,
            parts.now()
        )
        if problem ~= nil then
            return problem
        end
        parts.pause(____exports.TICK_SECONDS)
    end
    return nil
end
--- Sends a PING after a third of the timeout in silence. @returns a problem after the whole timeout
function checkSilence(session, time)
    local ____session_parts_4 = session.parts
    local timeout = ____session_parts_4.timeout
    -- If the clock was set back, both times lie in the future.
    session.heardAt = math.min(session.heardAt, time)
    session.pingedAt = math.min(session.pingedAt, time)
    if time - session.heardAt >= timeout then
        return ("nothing was heard for " .. tostring(timeout)) .. " s"
    end
    if time - math.max(session.heardAt, session.pingedAt) >= timeout / 3 then
        session.pingedAt = time
        session.tracking.ping()
    end
    return nil
end
--- Seconds between checks of the lease, the time and the silence of the connection.
____exports.TICK_SECONDS = 0.2
MOST_WAITING = 2000
--- Handles what a tracking connection delivers until it breaks, or until this worker must give it up. Yields.
-- 
-- @returns why the connection was lost; nothing if this worker must give it up
function ____exports.listen(tracking, parts, listener)
    local time = parts.now()
    local session = {
        tracking = tracking,
        parts = parts,
        listener = listener,
        heardAt = time,
        pingedAt = time
    }
    local problem
    parts.race(
        function()
            problem = hear(session)
        end,
        function()
            problem = attend(session)
        end
    )
    return problem
end
return ____exports

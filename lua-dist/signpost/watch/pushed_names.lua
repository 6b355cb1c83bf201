local ____exports = {}
local handleName
local ____pace = require("signpost.watch.pace")
local newPace = ____pace.newPace
--- Moves a name's ticket, so that no earlier read of it is stored: rule 2 of `sharedLevel`.
--
-- @returns what follows. `reread`: the node has a record, which must be re-read. `clock_moved`: the node may have
-- evicted a record that workers still remember, so all workers look again. `nothing`: no worker knows the name.
function handleName(name, parts)
    local ____parts_nodeState_0 = parts.nodeState
    local changeClock = ____parts_nodeState_0.changeClock
    local tickets = ____parts_nodeState_0.tickets
    local alone = ____parts_nodeState_0.alone
    local isHeld = true
    local ranAlone = alone(
        name,
        function()
            tickets.move(name)
            isHeld = parts.holds(name)
        end
    )
    -- The name stays locked: assume that the node has a record.
    if not ranAlone then
        tickets.move(name)
    end
    if isHeld then
        return "reread"
    end
    if not changeClock.mayHaveEvicted() then
        return "nothing"
    end
    changeClock.move()
    return "clock_moved"
end
--- Seconds between looks for changes that were put off and are due.
local PUT_OFF_LOOK_SECONDS = 0.005
local NO_NAMES = {}
---
-- @param reread re-reads names soon, and returns how many names wait
function ____exports.pushedNames(parts, reread)
    local noteOrPutOff, catchUpSoon, catchUp, handle, handleInto, pace, noted, isCatchingUp
    function noteOrPutOff(name)
        if pace.allows(name) then
            handleInto(noted, name)
        else
            catchUpSoon()
        end
    end
    function catchUpSoon()
        if isCatchingUp then
            return
        end
        isCatchingUp = parts.runSoon(catchUp)
        -- nginx has no free timer. It is better to handle names too often than never.
        if not isCatchingUp then
            handle(pace.all())
        end
    end
    function catchUp()
        while pace.waiting() > 0 do
            parts.pause(PUT_OFF_LOOK_SECONDS)
            handle(pace.due())
        end
        isCatchingUp = false
    end
    function handle(names)
        local toReread = {}
        for ____, name in ipairs(names) do
            handleInto(toReread, name)
        end
        if #toReread > 0 then
            reread(toReread)
        end
    end
    --- @param toReread receives the name if it must be re-read
    function handleInto(toReread, name)
        local result = handleName(name, parts)
        if result == "reread" then
            toReread[#toReread + 1] = name
        end
        if result ~= "nothing" then
            pace.handled(name)
        end
    end
    pace = newPace(parts.now)
    noted = {}
    isCatchingUp = false
    return {
        note = function(key) return parts.keys.eachName(key, noteOrPutOff) end,
        rereadNoted = function()
            if #noted == 0 then
                return
            end
            reread(noted)
            for i = #noted, 1, -1 do
                table.remove(noted, i)
            end
        end,
        handlePutOff = function() return handle(pace.all()) end,
        waiting = function() return reread(NO_NAMES) + pace.waiting() end
    }
end
return ____exports

local ____exports = {}
local ____record = require("signpost.cache.record")
local saysTheSame = ____record.saysTheSame
--- About how much memory a compiled record takes, bytes. Measured on LuaJIT: a route of one address or `@pool` takes 300, a
-- list of many addresses 40 to 60 times its text.
local function bytesOf(known)
    return 512 + 64 * #known.text
end
--- Compiles each record once, however many hosts a wildcard answers for, and keeps what fits into the room.
-- 
-- Invariant: a name's compiled record never goes back to an older one. An answer that another request has remembered may
-- share it. So it is replaced only by a record that was looked for at the same change clock or a later one; at the same
-- clock the new record is the newer one, because the old one was taken away before the clock moved (see `sharedLevel`).
-- 
-- When there is no more room, the oldest are dropped that have not answered lately (second chance: one that has answered
-- moves to the end of the queue instead). So a flood of routes that are asked for once does not push out those in use. A
-- request that still uses a dropped one keeps it until it ends.
-- 
-- @param room about how many bytes all of them may take; the one compiled last is kept in any case
function ____exports.compileOnce(compile, room)
    local add, replace, makeRoomFor, giveUp, append, byName, oldest, newest, taken
    function add(name, known, clock)
        local value, bytes = compile(known, nil, name), bytesOf(known)
        local held = {
            name = name,
            known = known,
            bytes = bytes,
            value = value,
            isUsed = false,
            clock = clock,
            next = nil
        }
        byName[name] = held
        taken = taken + bytes
        append(held)
        return held
    end
    function replace(held, known, clock)
        held.value = compile(known, held.value, held.name)
        taken = taken + (bytesOf(known) - held.bytes)
        held.bytes = bytesOf(known)
        held.known = known
        held.clock = clock
    end
    function makeRoomFor(kept)
        while taken > room and oldest ~= nil and oldest ~= newest do
            local held = oldest
            oldest = held.next
            if held == kept or held.isUsed then
                held.isUsed = false
                append(held)
            else
                giveUp(held)
            end
        end
    end
    function giveUp(held)
        byName[held.name] = nil
        taken = taken - held.bytes
        local givenUp = held
        givenUp.value = nil
    end
    function append(held)
        held.next = nil
        if newest == nil then
            oldest = held
        else
            newest.next = held
        end
        newest = held
    end
    byName = {}
    taken = 0
    return {
        keep = function(name, known, clock)
            local held = byName[name]
            if held == nil then
                local added = add(name, known, clock)
                makeRoomFor(added)
                return added
            end
            if saysTheSame(held.known, known) then
                held.clock = math.max(held.clock, clock)
                return held
            end
            if clock < held.clock then
                return nil
            end
            replace(held, known, clock)
            makeRoomFor(held)
            return held
        end,
        once = function(name, known) return {
            value = compile(known, nil, name),
            isUsed = true,
            clock = 0
        } end
    }
end
return ____exports

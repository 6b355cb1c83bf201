local ____exports = {}
local bytesOf, append, replace, dropOldest
local ____record = require("signpost.cache.record")
local saysTheSame = ____record.saysTheSame
--- About how much memory a compiled record takes, bytes. Measured on LuaJIT: a route of one address or `@pool` takes
-- 300, a list of many addresses 40 to 60 times its text.
function bytesOf(known)
    return 512 + 64 * #known.text
end
function append(queue, held)
    held.next = nil
    if queue.newest == nil then
        queue.oldest = held
    else
        queue.newest.next = held
    end
    queue.newest = held
end
function replace(queue, held, known, value)
    queue.bytes = queue.bytes + (bytesOf(known) - held.bytes)
    held.bytes = bytesOf(known)
    held.known = known
    held.value = value
end
--- @returns the name that was dropped; nothing if the oldest has moved to the end instead
function dropOldest(queue, kept)
    local held = queue.oldest
    if held == nil then
        return nil
    end
    queue.oldest = held.next
    if held == kept or held.isUsed then
        held.isUsed = false
        append(queue, held)
        return nil
    end
    queue.bytes = queue.bytes - held.bytes
    local dropped = held
    dropped.value = nil
    return held.name
end
--- Compiles each record once, however many hosts a wildcard answers for, and keeps what fits into the room.
-- 
-- Invariant: a name's compiled record never goes back to an older one. An answer that another request has remembered
-- may share it. So it is replaced only by a record that was looked for at the same change clock or a later one; at the
-- same clock the new record is the newer one, because the old one was taken away before the clock moved (see
-- `sharedLevel`).
-- 
-- When there is no more room, the oldest records that have not answered lately are dropped (second chance: one that
-- has answered moves to the end of the queue instead). So a flood of routes that are each asked for once does not push
-- out the routes in use. A request that still uses a dropped one keeps it until it ends.
-- 
-- @param room about how many bytes all of them may take; the one compiled last is kept in any case
function ____exports.compileOnce(compile, room)
    local byName = {}
    local queue = {oldest = nil, newest = nil, bytes = 0}
    local function makeRoomFor(kept)
        while queue.bytes > room and queue.oldest ~= queue.newest do
            local dropped = dropOldest(queue, kept)
            if dropped ~= nil then
                byName[dropped] = nil
            end
        end
    end
    return {
        keep = function(name, known, clock)
            local held = byName[name]
            if held == nil then
                local value = compile(known, nil, name)
                held = {
                    name = name,
                    known = known,
                    bytes = bytesOf(known),
                    value = value,
                    isUsed = false,
                    clock = clock,
                    next = nil
                }
                byName[name] = held
                queue.bytes = queue.bytes + held.bytes
                append(queue, held)
            elseif saysTheSame(held.known, known) then
                held.clock = math.max(held.clock, clock)
                return held
            elseif clock < held.clock then
                return nil
            else
                replace(
                    queue,
                    held,
                    known,
                    compile(known, held.value, name)
                )
                held.clock = clock
            end
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

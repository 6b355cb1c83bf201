local ____exports = {}
local markKey, MARK, MARKS
local ____stamp = require("signpost.state.stamp")
local isFromFuture = ____stamp.isFromFuture
local stampOf = ____stamp.stampOf
function markKey(mark)
    return MARK .. tostring(mark % MARKS)
end
--- Names share tickets and locks: few enough to be always in memory (128 bytes each, half a megabyte in all), and so many
-- that a name's ticket seldom moves for another's sake, which costs a second read. They are made as they are needed: more
-- entries in the dict make every look into it longer.
local BUCKETS = 4096
--- A lock is held for microseconds. One left behind by a killed worker goes away after this many seconds.
local LOCK_SECONDS = 0.05
--- How often a held lock is tried: some hundred microseconds in all, many times what its holder needs.
local LOCK_TRIES = 2000
MARK = "\nmark:"
MARKS = 1024
--- Entries that are seldom used and must last.
local LASTING = {
    "epochs",
    "marks",
    "mark",
    "complete",
    "forgotten"
}
--- Flags hold 32 bits.
local FLAGS = 2 ^ 32
--- Equals no number.
local NOTHING = 0 / 0
---
-- @param hash spreads names over the buckets
-- @param dicts those whose entries workers remember. Without them, they are taken to have forgotten something
function ____exports.newLedger(state, hash, now, dicts)
    if dicts == nil then
        dicts = {}
    end
    local function bucket(kind, name)
        return (kind .. ":") .. tostring(hash(name) % BUCKETS)
    end
    local function numberAt(key)
        local value = state:get(key)
        return value or 0
    end
    --- Millionths of seconds: no counter moves faster on average, so it begins beyond all that it has ever been.
    local function microseconds()
        return math.floor(now() * 1000) * 1000
    end
    --- The greatest epoch that this worker knows of: in a burst there are more than one a second.
    local newestSeen = 0
    local function noteEpoch(epoch)
        newestSeen = math.max(newestSeen, epoch)
        return epoch
    end
    --- Seconds, as an epoch is kept in 32 bits.
    local function firstEpoch()
        return math.max(
            math.floor(now()),
            newestSeen
        )
    end
    ---
    -- @returns the number under a key, made where there is none.
    local function begin(key, first)
        -- dropped: whether it was there, is new or had no room, what is there now counts
        state:add(
            key,
            first()
        )
        local value = state:get(key)
        return value or NOTHING
    end
    local function move(key, first)
        local moved = state:incr(key, 1)
        if moved ~= nil then
            return moved
        end
        begin(key, first)
        local begun = state:incr(key, 1)
        return begun or NOTHING
    end
    local function clock()
        local value = state:get("clock")
        return value or begin("clock", microseconds)
    end
    local function moveClock()
        if #dicts == 0 then
            move("clock", microseconds)
            return
        end
        -- The old marks go first: the new ones then have their room, and evict nothing in a full dict.
        local last = state:get("mark")
        if last ~= nil then
            for ____, dict in ipairs(dicts) do
                dict:delete(markKey(last))
            end
        end
        local mark = move("marks", microseconds)
        for ____, dict in ipairs(dicts) do
            -- dropped: where there is no mark, more is taken for forgotten than is
            dict:set(
                markKey(mark),
                0
            )
        end
        -- The mark is older than all that will be found at the new clock, for only its maker ever touches it.
        local moved = move("clock", microseconds)
        -- dropped: see above
        state:set("mark", mark, 0, moved % FLAGS)
    end
    local function hasForgottenFrom(dict)
        local mark, madeFor = state:get("mark")
        if mark == nil or (madeFor or 0) ~= clock() % FLAGS then
            return true
        end
        -- Of all ways to look, this one alone leaves an entry where it is in the order of use.
        local lifetime = dict:ttl(markKey(mark))
        return lifetime == nil
    end
    local function prepareEpoch()
        local epoch = move("epochs", firstEpoch)
        if epoch > newestSeen then
            return noteEpoch(epoch)
        end
        -- Another worker began anew, and knew of fewer.
        local raised = state:incr("epochs", newestSeen + 1 - epoch)
        return noteEpoch(raised or newestSeen + 1)
    end
    local function publishEpoch(epoch)
        if numberAt("epoch") < epoch then
            -- dropped: a number over a number always has room
            state:set("epoch", epoch)
        end
        state:delete("complete")
        moveClock()
    end
    ---
    -- @returns whether it is this worker's.
    local function lock(key)
        local locked = state:add(
            key,
            1,
            LOCK_SECONDS,
            stampOf(now())
        )
        return locked
    end
    return {
        prepare = function()
            begin("marks", microseconds)
            begin(
                "mark",
                function() return 0 end
            )
            begin("epochs", firstEpoch)
            begin(
                "epoch",
                function() return 0 end
            )
            begin("clock", microseconds)
            -- For workers of 0.1.0 that still watch after a reload: it says that records may have been evicted.
            -- dropped: only what such workers do for a moment goes by it
            state:set("forgotten", 1)
        end,
        touch = function()
            for ____, key in ipairs(LASTING) do
                numberAt(key)
            end
            noteEpoch(numberAt("epoch"))
        end,
        isNew = function()
            local value = state:get("clock")
            return value == nil
        end,
        clock = clock,
        moveClock = moveClock,
        epoch = function() return noteEpoch(numberAt("epoch")) end,
        beginEpoch = function()
            local epoch = prepareEpoch()
            publishEpoch(epoch)
            return epoch
        end,
        prepareEpoch = prepareEpoch,
        publishEpoch = publishEpoch,
        endEpoch = function(epoch)
            if numberAt("epoch") == epoch then
                -- dropped: a number over a number always has room
                state:set("epoch", 0)
                moveClock()
            end
        end,
        covers = function(current, read) return read == current or read > current and read <= numberAt("epochs") end,
        setComplete = function()
            -- dropped: without it, names are unknown that might be known to be absent
            state:safe_set("complete", 1)
        end,
        setIncomplete = function()
            state:delete("complete")
        end,
        isComplete = function() return numberAt("complete") == 1 end,
        ticket = function(name)
            local key = bucket("ticket", name)
            local value = state:get(key)
            return value or begin(key, microseconds)
        end,
        moveTicket = function(name) return move(
            bucket("ticket", name),
            microseconds
        ) end,
        hasForgottenFrom = hasForgottenFrom,
        hasForgotten = function()
            for ____, dict in ipairs(dicts) do
                if hasForgottenFrom(dict) then
                    return true
                end
            end
            return #dicts == 0
        end,
        alone = function(name, task)
            local key = bucket("lock", name)
            for _ = 1, LOCK_TRIES do
                if lock(key) then
                    task()
                    state:delete(key)
                    return true
                end
            end
            -- Its lifetime is the dict's affair, which goes by a clock that may have been set back since.
            local ____, stamp = state:get(key)
            if isFromFuture(
                stamp,
                now()
            ) then
                state:delete(key)
            end
            return false
        end
    }
end
return ____exports

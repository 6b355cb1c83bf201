local ____exports = {}
local ofOwner, PREFIX, SETS, WAYS, FLUSH_SECONDS, MOST_FLUSHED
local ____keys = require("signpost.state.keys")
local STATE_PREFIXES = ____keys.STATE_PREFIXES
local ____standing_record = require("signpost.health.standing_record")
local isWithin = ____standing_record.isWithin
--- @returns the text if it is stored for this key
function ofOwner(stored, key)
    if stored == nil then
        return nil
    end
    local head = key .. "\n"
    return string.sub(stored, 1, #head) == head and string.sub(stored, #head + 1) or nil
end
--- Stores standings in a dict of their own, as many as fit.
function ____exports.storeApart(dict, now)
    local flushedAt = 0
    local function placeOf(key)
        return PREFIX .. key
    end
    return {
        get = function(key)
            local text = dict:get(placeOf(key))
            return text
        end,
        put = function(key, text, seconds)
            local stored = dict:safe_set(
                placeOf(key),
                text,
                seconds
            )
            if stored or isWithin(
                flushedAt,
                FLUSH_SECONDS,
                now()
            ) then
                return stored
            end
            flushedAt = now()
            -- nginx itself drops only entries that are both expired and least recently used.
            dict:flush_expired(MOST_FLUSHED)
            local isStored = dict:safe_set(
                placeOf(key),
                text,
                seconds
            )
            return isStored
        end,
        remove = function(key)
            dict:delete(placeOf(key))
        end,
        placeOf = placeOf
    }
end
--- Stores standings in a dict whose other entries must never be evicted, as a set-associative table. A key may lie in
-- any of the `WAYS` places of its set, so there are at most `SETS * WAYS` entries of at most 512 bytes each. While all
-- places of a set are taken, no other peer of that set is remembered.
-- 
-- @param hash distributes keys over the sets
function ____exports.storeAmongOthers(dict, hash)
    local function setOf(key)
        return PREFIX .. tostring(hash(key) % SETS)
    end
    local function textAt(place)
        local text = dict:get(place)
        return text
    end
    --- Finds the key's place, or else the first free place of its set, and the text stored for the key.
    local function find(key)
        local set = setOf(key)
        local free
        for way = 1, WAYS do
            local place = (set .. ".") .. tostring(way)
            local stored = textAt(place)
            if stored == nil then
                free = free or place
            else
                local text = ofOwner(stored, key)
                if text ~= nil then
                    return place, text
                end
            end
        end
        return free, nil
    end
    return {
        get = function(key)
            local ____, text = find(key)
            return text
        end,
        put = function(key, text, seconds)
            local place = find(key)
            if place == nil then
                return false
            end
            local stored = dict:safe_set(place, (key .. "\n") .. text, seconds)
            return stored
        end,
        remove = function(key)
            local place, text = find(key)
            if place ~= nil and text ~= nil then
                dict:delete(place)
            end
        end,
        placeOf = setOf
    }
end
PREFIX = STATE_PREFIXES.standing
--- The number of sets. They have 1,024 places in all.
SETS = 256
--- Places per set. With 100 failing peers, about one node in seventy has a peer that finds its set full.
WAYS = 4
--- Minimum time between two searches of a full dict for expired entries, seconds. A search may look at every entry.
FLUSH_SECONDS = 1
--- How many expired entries one search drops: few enough to be quick.
MOST_FLUSHED = 100
return ____exports

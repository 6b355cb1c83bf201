local ____exports = {}
local ofOwner, PREFIX, SETS, WAYS, FLUSH_SECONDS, MOST_FLUSHED
local ____keys = require("signpost.state.keys")
local STATE_PREFIXES = ____keys.STATE_PREFIXES
local ____standing_record = require("signpost.health.standing_record")
local isWithin = ____standing_record.isWithin
--- @returns the text, if it is stored for this key
function ofOwner(stored, key)
    if stored == nil then
        return nil
    end
    local head = key .. "\n"
    return string.sub(stored, 1, #head) == head and string.sub(stored, #head + 1) or nil
end
--- In a dict of its own: as many as it has room for.
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
            -- nginx itself drops only what is both out of date and used least.
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
--- In a dict that holds other things, which must never be evicted: a set-associative table. A key may lie in any of the
-- `WAYS` places of its set, so that there are at most `SETS * WAYS` entries, of at most 512 bytes each. While all places
-- of a set are taken, no other peer of that set is remembered.
-- 
-- @param hash spreads keys over the sets
function ____exports.storeAmongOthers(dict, hash)
    local function setOf(key)
        return PREFIX .. tostring(hash(key) % SETS)
    end
    local function textAt(place)
        local text = dict:get(place)
        return text
    end
    --- Where the key is, or else the first free place of its set; and the text that is stored for the key.
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
--- How many sets of places there are: 1,024 places in all.
SETS = 256
--- How many places a set has: with 100 peers that fail, one finds its set full once in some seventy nodes.
WAYS = 4
--- How often a full dict is searched for what is out of date, seconds: that may mean a look at every entry.
FLUSH_SECONDS = 1
--- How many entries that are out of date are dropped at once, when there is no room: few enough to be quick.
MOST_FLUSHED = 100
return ____exports

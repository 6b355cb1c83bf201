local ____exports = {}
local ofOwner, PREFIX, PLACES, FLUSH_SECONDS, MOST_FLUSHED
local ____standing_record = require("signpost.upstream.standing_record")
local isWithin = ____standing_record.isWithin
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
--- In a dict that holds other things, which must never be evicted: each key has one of `PLACES` places, so that there are
-- at most that many entries, of at most 512 bytes each. While a place is taken, no other peer that falls into it is
-- remembered.
-- 
-- @param hash spreads keys over the places
function ____exports.storeAmongOthers(dict, hash)
    local function placeOf(key)
        return PREFIX .. tostring(hash(key) % PLACES)
    end
    local function textAt(place)
        local text = dict:get(place)
        return text
    end
    return {
        get = function(key) return ofOwner(
            textAt(placeOf(key)),
            key
        ) end,
        put = function(key, text, seconds)
            local place = placeOf(key)
            local taken = textAt(place)
            if taken ~= nil and ofOwner(taken, key) == nil then
                return false
            end
            local stored = dict:safe_set(place, (key .. "\n") .. text, seconds)
            return stored
        end,
        remove = function(key)
            local place = placeOf(key)
            if ofOwner(
                textAt(place),
                key
            ) ~= nil then
                dict:delete(place)
            end
        end,
        placeOf = placeOf
    }
end
PREFIX = "standing:"
PLACES = 1024
--- How often a full dict is searched for what is out of date, seconds: that may mean a look at every entry.
FLUSH_SECONDS = 1
--- How many entries that are out of date are dropped at once, when there is no room: few enough to be quick.
MOST_FLUSHED = 100
return ____exports

local ____exports = {}
--- A dict without room is searched for expired entries at most so often, seconds: the search locks it for a millisecond.
local SEARCH_SECONDS = 1
--- So many expired entries are freed at once.
local MOST_FREED = 1000
---
-- @returns a view of a dict whose other entries must not be evicted: without room, what is written through it is not kept,
-- and the caller is told "no memory".
function ____exports.withoutEviction(dict, now)
    local hasFreed, searchedAt
    function hasFreed(err)
        local time = now()
        if err ~= "no memory" or time >= searchedAt and time < searchedAt + SEARCH_SECONDS then
            return false
        end
        searchedAt = time
        return dict:flush_expired(MOST_FREED) > 0
    end
    searchedAt = 0
    local safeView
    safeView = {
        get = function(____, key) return dict:get(key) end,
        ttl = function(____, key) return dict:ttl(key) end,
        delete = function(____, key) return dict:delete(key) end,
        safe_set = function(____, key, value, lifetimeSeconds, flags)
            local stored, err = dict:safe_set(key, value, lifetimeSeconds, flags)
            if err == nil then
                return stored, nil, false
            end
            if hasFreed(err) then
                return dict:safe_set(key, value, lifetimeSeconds, flags)
            end
            return stored, err, false
        end,
        safe_add = function(____, key, value, lifetimeSeconds, flags)
            local stored, err = dict:safe_add(key, value, lifetimeSeconds, flags)
            if err == nil then
                return stored, nil, false
            end
            if hasFreed(err) then
                return dict:safe_add(key, value, lifetimeSeconds, flags)
            end
            return stored, err, false
        end,
        set = function(____, key, value, lifetimeSeconds, flags) return safeView:safe_set(key, value, lifetimeSeconds, flags) end,
        add = function(____, key, value, lifetimeSeconds, flags) return safeView:safe_add(key, value, lifetimeSeconds, flags) end,
        incr = function(____, key, by, init, initSeconds)
            local value, err = dict:incr(key, by)
            if value ~= nil then
                return value, nil, false
            end
            if err ~= "not found" or init == nil then
                return nil, err
            end
            local isBegun, problem = safeView:safe_add(key, init + by, initSeconds)
            if isBegun then
                return init + by, nil, false
            end
            if problem == "exists" then
                return dict:incr(key, by)
            end
            return nil, problem
        end,
        flush_expired = function(____, most) return dict:flush_expired(most) end,
        rpush = function(____, key, value) return dict:rpush(key, value) end,
        lpop = function(____, key) return dict:lpop(key) end,
        llen = function(____, key) return dict:llen(key) end
    }
    return safeView
end
return ____exports

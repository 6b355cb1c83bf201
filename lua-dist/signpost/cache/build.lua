local ____exports = {}
local flightsTo, flightsWithin, staleRefresher
local ____breaker = require("signpost.redis.breaker")
local newBreaker = ____breaker.newBreaker
local ____read_routes = require("signpost.redis.read_routes")
local routeReader = ____read_routes.routeReader
local ____read_values = require("signpost.redis.read_values")
local valueReader = ____read_values.valueReader
local ____rights = require("signpost.redis.rights")
local newRights = ____rights.newRights
local ____with_breaker = require("signpost.redis.with_breaker")
local withBreaker = ____with_breaker.withBreaker
local ____within_reach = require("signpost.redis.within_reach")
local readWithinReach = ____within_reach.readWithinReach
local ____flights = require("signpost.cache.flights")
local coalesce = ____flights.coalesce
local ____lookup = require("signpost.cache.lookup")
local lookUpThrough = ____lookup.lookUpThrough
local recallFrom = ____lookup.recallFrom
local ____read_held = require("signpost.cache.read_held")
local readHeld = ____read_held.readHeld
local ____read_through = require("signpost.cache.read_through")
local readThrough = ____read_through.readThrough
local ____record = require("signpost.cache.record")
local isYoung = ____record.isYoung
local ____refresh = require("signpost.cache.refresh")
local refresher = ____refresh.refresher
local ____shared = require("signpost.cache.shared")
local sharedLevel = ____shared.sharedLevel
--- The steps from a look-up to Redis, nested: the outermost is called first.
function flightsTo(source, parts, shared)
    local ____parts_1 = parts
    local nodeState = ____parts_1.nodeState
    local now = ____parts_1.now
    local count = ____parts_1.count
    local ____source_2 = source
    local redis = ____source_2.redis
    local keys = ____source_2.keys
    local reach = ____source_2.reach
    local log = ____source_2.log
    local newGate = ____source_2.newGate
    local maxLookups = ____source_2.maxLookups
    local waitTimeout = ____source_2.waitTimeout
    -- Requests that miss the same name wait for one read of it (singleflight), and only `maxLookups` reads run at once.
    return coalesce(
        readThrough({
            read = readWithinReach(
                withBreaker(
                    routeReader(
                        valueReader(
                            redis,
                            newRights(redis.connectionsMade, source.tellRights)
                        ),
                        keys
                    ),
                    {
                        breaker = newBreaker(now, source.breakerFailures, source.breakerPause),
                        log = log,
                        count = count
                    }
                ),
                reach
            ),
            shared = shared,
            nodeState = nodeState,
            now = now
        }),
        {
            newGate = newGate,
            now = now,
            count = count,
            maxLookups = maxLookups,
            waitTimeout = waitTimeout
        }
    )
end
--- Without Redis, the shared dict holds everything there is.
function flightsWithin(parts, shared)
    local read = readHeld(shared, parts.nodeState)
    return {read = read, readUnlimited = read}
end
--- Without tracking, records past their time are read again in the background, by the first worker that notices.
function staleRefresher(parts, shared, flights)
    local ____parts_3 = parts
    local now = ____parts_3.now
    local ttl = ____parts_3.ttl
    local runSoon = ____parts_3.runSoon
    local breathe = ____parts_3.breathe
    local function isStale(name)
        local known = shared.find(name)
        return known == nil or not isYoung(
            known,
            now(),
            ttl
        )
    end
    return refresher({read = flights.readUnlimited, isDue = isStale, runSoon = runSoon, breathe = breathe})
end
--- Builds a worker's cache. A look-up goes through these steps until one can answer:
-- 
-- 1. `lookUpThrough` asks the worker's memory. Nothing else runs for most requests.
-- 2. It asks the shared dict for each name that the host may match: `sharedLevel`, `matchNames`.
-- 3. It reads from Redis the unknown names that decide the answer: the steps of `flightsTo`.
-- 
-- Each answer is remembered at every step that it has passed.
function ____exports.buildCache(parts)
    local ____parts_0 = parts
    local nodeState = ____parts_0.nodeState
    local now = ____parts_0.now
    local ttl = ____parts_0.ttl
    local source = ____parts_0.source
    local shared = sharedLevel(parts)
    local flights = source == nil and flightsWithin(parts, shared) or flightsTo(source, parts, shared)
    local refreshSoon = staleRefresher(parts, shared, flights)
    return {
        shared = shared,
        flights = flights,
        lookUpsOf = function(subjects)
            local levels = {
                memory = subjects.memory,
                compiled = subjects.compiled,
                sign = subjects.sign,
                namesOf = subjects.namesOf,
                findShared = shared.find,
                readRedis = flights.read,
                readForKnown = flights.readUnlimited,
                refreshSoon = refreshSoon,
                nodeState = nodeState,
                now = now,
                ttl = ttl
            }
            return {
                lookUp = lookUpThrough(levels),
                recall = recallFrom(levels)
            }
        end
    }
end
return ____exports

local ____exports = {}
local healthIn, flightsWithoutRedis, flightsTo, guardedReader, patienceOf, sayUnmatchable, TOLD_RIGHTS
local ____flights = require("signpost.cache.flights")
local coalesce = ____flights.coalesce
local ____ledger = require("signpost.state.ledger")
local newLedger = ____ledger.newLedger
local ____read_through = require("signpost.cache.read_through")
local readThrough = ____read_through.readThrough
local ____shared = require("signpost.cache.shared")
local sharedLevel = ____shared.sharedLevel
local ____breaker = require("signpost.redis.breaker")
local newBreaker = ____breaker.newBreaker
local ____with_breaker = require("signpost.redis.with_breaker")
local guarded = ____with_breaker.guarded
local ____keys = require("signpost.redis.keys")
local newKeys = ____keys.newKeys
local ____read_routes = require("signpost.redis.read_routes")
local routeReader = ____read_routes.routeReader
local ____read_values = require("signpost.redis.read_values")
local valueReader = ____read_values.valueReader
local ____rights = require("signpost.redis.rights")
local MISSING_RIGHTS = ____rights.MISSING_RIGHTS
local newRights = ____rights.newRights
local ____reach = require("signpost.format.reach")
local newReach = ____reach.newReach
local ____within_reach = require("signpost.redis.within_reach")
local withinReach = ____within_reach.withinReach
local ____follower = require("signpost.snapshot.follower")
local readHeld = ____follower.readHeld
local ____complaints = require("signpost.telemetry.complaints")
local newComplaints = ____complaints.complaints
local ____counters = require("signpost.state.counters")
local counting = ____counters.counting
local countOf = ____counters.countOf
local ____said_once = require("signpost.state.said_once")
local mustSay = ____said_once.mustSay
local ____unmatchable_keys = require("signpost.telemetry.unmatchable_keys")
local unmatchableKeys = ____unmatchable_keys.unmatchableKeys
local ____health = require("signpost.health.health")
local newHealth = ____health.newHealth
local ____standing_store = require("signpost.health.standing_store")
local storeAmongOthers = ____standing_store.storeAmongOthers
local storeApart = ____standing_store.storeApart
local ____lease = require("signpost.state.lease")
local holderId = ____lease.holderId
local newLease = ____lease.newLease
local ____gate = require("signpost.platform.gate")
local newGate = ____gate.newGate
local ____log = require("signpost.platform.log")
local log = ____log.log
local ____redis = require("signpost.platform.redis")
local connectRedis = ____redis.connectRedis
function healthIn(____bindingPattern0, ledger)
    local isHealthApart
    local health
    health = ____bindingPattern0.health
    isHealthApart = ____bindingPattern0.isHealthApart
    return newHealth({
        store = isHealthApart and storeApart(health, ngx.now) or storeAmongOthers(health, ngx.crc32_short),
        alone = ledger.alone,
        now = ngx.now,
        changed = ledger.moveClock
    })
end
---
-- @returns what the node's workers agree on about changes. Without Redis, workers remember as absent what no dict holds,
-- so it is always taken for forgotten.
function ____exports.ledgerIn(zones, settings)
    local ____zones_1 = zones
    local evictingState = ____zones_1.evictingState
    local records = ____zones_1.records
    local absent = ____zones_1.absent
    return newLedger(evictingState, ngx.crc32_short, ngx.now, settings.endpoint == nil and ({}) or ({records, absent}))
end
---
-- @returns where routes may lead; nothing: anywhere.
function ____exports.reachOf(settings)
    return newReach(settings.allow_targets, settings.deny_targets)
end
---
-- @returns which keys of Redis are routes and pools.
function ____exports.keysOf(settings)
    return newKeys(settings.route_prefix, settings.pool_prefix, settings.tables, sayUnmatchable)
end
function flightsWithoutRedis(shared, ledger)
    local read = readHeld(shared, ledger)
    return {read = read, readUnlimited = read}
end
function flightsTo(read, settings, count, shared, ledger)
    return coalesce(
        readThrough({read = read, shared = shared, ledger = ledger, now = ngx.now}),
        {
            newGate = newGate,
            now = ngx.now,
            count = count,
            maxLookups = settings.max_lookups,
            patience = patienceOf(settings)
        }
    )
end
function guardedReader(endpoint, settings, zones, keys, count)
    local breaker = newBreaker(ngx.now, settings.breaker_failures, settings.breaker_pause)
    local redis = connectRedis(endpoint, settings)
    local readValues = valueReader(
        redis,
        ____exports.rightsOf(redis, zones)
    )
    local read = guarded(
        routeReader(readValues, keys),
        {breaker = breaker, log = log, count = count}
    )
    local reach = ____exports.reachOf(settings)
    return function(names)
        local readings, err, detail = read(names)
        if err ~= nil then
            return nil, err, detail
        end
        local allowed = {}
        for i = 0, #names - 1 do
            allowed[#allowed + 1] = withinReach(reach, names[i + 1], readings[i + 1])
        end
        return allowed, nil
    end
end
---
-- @returns what the user of this Redis may run. What it lacks is said once on a node.
function ____exports.rightsOf(redis, zones)
    return newRights(
        redis.connectionsMade,
        function()
            if mustSay(zones.state, TOLD_RIGHTS) then
                log.warn(MISSING_RIGHTS)
            end
        end
    )
end
--- As long as a read can take that still succeeds: a pooled connection that turns out dead, and a new one; and the two
-- further round trips of what is not a string. Seconds.
function patienceOf(settings)
    local once = settings.redis_connect_timeout + settings.redis_send_timeout + settings.redis_read_timeout
    return 4 * once / 1000
end
--- Builds a worker's part of its node.
-- 
-- @param generation see `newGeneration`
function ____exports.buildNode(settings, zones, generation)
    local count = counting(zones.state)
    local keys = ____exports.keysOf(settings)
    local ledger = ____exports.ledgerIn(zones, settings)
    local complaints = newComplaints(
        zones.state,
        log,
        count,
        function(counter) return countOf(zones.state, counter) end,
        keys
    )
    local ____zones_0 = zones
    local records = ____zones_0.records
    local absent = ____zones_0.absent
    local shared = sharedLevel({
        records = records,
        absent = absent,
        ledger = ledger,
        complaints = complaints,
        count = count
    })
    local flights = settings.endpoint == nil and flightsWithoutRedis(shared, ledger) or flightsTo(
        guardedReader(
            settings.endpoint,
            settings,
            zones,
            keys,
            count
        ),
        settings,
        count,
        shared,
        ledger
    )
    local lease = newLease(
        zones.evictingState,
        holderId(
            generation,
            ngx.worker.pid()
        ),
        ngx.now
    )
    local health = healthIn(zones, ledger)
    return {
        settings = settings,
        zones = zones,
        keys = keys,
        ledger = ledger,
        complaints = complaints,
        shared = shared,
        flights = flights,
        lease = lease,
        health = health
    }
end
sayUnmatchable = unmatchableKeys(log)
TOLD_RIGHTS = "told_rights"
return ____exports

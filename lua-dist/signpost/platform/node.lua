local ____exports = {}
local flightsWithoutRedis, flightsTo, guardedReader, patienceOf
local ____flights = require("signpost.cache.flights")
local coalesce = ____flights.coalesce
local ____ledger = require("signpost.cache.ledger")
local newLedger = ____ledger.newLedger
local ____read_through = require("signpost.cache.read_through")
local readThrough = ____read_through.readThrough
local ____shared = require("signpost.cache.shared")
local sharedLevel = ____shared.sharedLevel
local ____breaker = require("signpost.origin.breaker")
local newBreaker = ____breaker.newBreaker
local ____guard = require("signpost.origin.guard")
local guarded = ____guard.guarded
local ____keys = require("signpost.origin.keys")
local newKeys = ____keys.newKeys
local ____read_routes = require("signpost.origin.read_routes")
local routeReader = ____read_routes.routeReader
local ____reach = require("signpost.routing.reach")
local newReach = ____reach.newReach
local withinReach = ____reach.withinReach
local ____follower = require("signpost.snapshot.follower")
local readHeld = ____follower.readHeld
local ____complaints = require("signpost.telemetry.complaints")
local complaints = ____complaints.complaints
local ____counters = require("signpost.telemetry.counters")
local counting = ____counters.counting
local ____health = require("signpost.upstream.health")
local newHealth = ____health.newHealth
local ____lease = require("signpost.watch.lease")
local newLease = ____lease.newLease
local ____gate = require("signpost.platform.gate")
local newGate = ____gate.newGate
local ____log = require("signpost.platform.log")
local log = ____log.log
local ____redis = require("signpost.platform.redis")
local connectRedis = ____redis.connectRedis
---
-- @returns what the node's workers agree on about changes.
function ____exports.ledgerIn(zones)
    return newLedger(zones.state, ngx.crc32_short)
end
---
-- @returns where routes may lead; nothing: anywhere.
function ____exports.reachOf(settings)
    return newReach(settings.allow_targets, settings.deny_targets)
end
---
-- @returns which keys of Redis are routes and pools.
function ____exports.keysOf(settings)
    return newKeys(settings.route_prefix, settings.pool_prefix)
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
function guardedReader(endpoint, settings, keys, count)
    local breaker = newBreaker(ngx.now, settings.breaker_failures, settings.breaker_pause)
    local read = guarded(
        routeReader(
            connectRedis(endpoint, settings),
            keys
        ),
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
function patienceOf(settings)
    local once = settings.redis_connect_timeout + settings.redis_send_timeout + settings.redis_read_timeout
    return 3 * once / 1000
end
--- Builds a worker's part of its node.
function ____exports.buildNode(settings, zones)
    local count = counting(zones.state)
    local keys = ____exports.keysOf(settings)
    local ledger = ____exports.ledgerIn(zones)
    local shared = sharedLevel({
        records = zones.records,
        absent = zones.absent,
        ledger = ledger,
        complaints = complaints(zones.state, log, count, keys),
        count = count
    })
    local flights = settings.endpoint == nil and flightsWithoutRedis(shared, ledger) or flightsTo(
        guardedReader(settings.endpoint, settings, keys, count),
        settings,
        count,
        shared,
        ledger
    )
    local lease = newLease(
        zones.state,
        ngx.worker.pid()
    )
    local health = newHealth(zones.state, ledger.moveClock)
    return {
        settings = settings,
        zones = zones,
        keys = keys,
        ledger = ledger,
        shared = shared,
        flights = flights,
        lease = lease,
        health = health
    }
end
return ____exports

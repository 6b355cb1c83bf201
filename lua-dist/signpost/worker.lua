local ____exports = {}
local guardedReader, readAndKeep, patienceOf
local ____resty_2Elrucache = require("resty.lrucache")
local newLru = ____resty_2Elrucache.new
local ____flights = require("signpost.cache.flights")
local coalesce = ____flights.coalesce
local ____lookup = require("signpost.cache.lookup")
local lookUpThrough = ____lookup.lookUpThrough
local ____refresh = require("signpost.cache.refresh")
local refresher = ____refresh.refresher
local ____shared = require("signpost.cache.shared")
local sharedLevel = ____shared.sharedLevel
local ____breaker = require("signpost.origin.breaker")
local newBreaker = ____breaker.newBreaker
local ____guard = require("signpost.origin.guard")
local guarded = ____guard.guarded
local ____read_routes = require("signpost.origin.read_routes")
local routeReader = ____read_routes.routeReader
local ____background = require("signpost.platform.background")
local backgroundRunner = ____background.backgroundRunner
local ____gate = require("signpost.platform.gate")
local newGate = ____gate.newGate
local ____log = require("signpost.platform.log")
local log = ____log.log
local ____redis = require("signpost.platform.redis")
local connectRedis = ____redis.connectRedis
local ____complaints = require("signpost.telemetry.complaints")
local complaints = ____complaints.complaints
local ____counters = require("signpost.telemetry.counters")
local counting = ____counters.counting
function guardedReader(settings, count)
    local breaker = newBreaker(ngx.now, settings.breaker_failures, settings.breaker_pause)
    return guarded(
        routeReader(
            connectRedis(settings),
            settings.route_prefix
        ),
        {breaker = breaker, log = log, count = count}
    )
end
function readAndKeep(read, shared, now)
    return function(names)
        local asked = now()
        local readings, err, detail = read(names)
        if err ~= nil then
            return nil, err, detail
        end
        local found = {}
        for i = 1, #names do
            local name, reading = names[i], readings[i]
            if name ~= nil and reading ~= nil then
                found[name] = shared.keep(name, reading, asked)
            end
        end
        return found, nil
    end
end
function patienceOf(settings)
    local once = settings.redis_connect_timeout + settings.redis_send_timeout + settings.redis_read_timeout
    return 2 * once / 1000
end
--- Builds a worker's parts. Raises when the memory for its cache cannot be had; nginx then logs it and the worker ends.
function ____exports.buildWorker(settings, zones)
    local count = counting(zones.state)
    local shared = sharedLevel(
        zones.records,
        zones.absent,
        complaints(zones.state, log, count, settings.route_prefix),
        count
    )
    local readRedis = coalesce(
        readAndKeep(
            guardedReader(settings, count),
            shared,
            ngx.now
        ),
        {
            newGate = newGate,
            now = ngx.now,
            count = count,
            maxLookups = settings.max_lookups,
            patience = patienceOf(settings)
        }
    )
    local function isDue(name)
        local known = shared.find(name)
        return known == nil or known.checked < ngx.now() - settings.cache_ttl
    end
    local memory, err = newLru(settings.memory_size)
    if err ~= nil then
        error("resty.lrucache: " .. err)
    end
    local lookUp = lookUpThrough({
        memory = memory,
        findShared = shared.find,
        readRedis = readRedis,
        refreshSoon = refresher(
            readRedis,
            isDue,
            backgroundRunner(log)
        ),
        now = ngx.now,
        ttl = settings.cache_ttl
    })
    return {lookUp = lookUp, retryAfter = settings.retry_after}
end
return ____exports

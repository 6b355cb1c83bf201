local ____exports = {}
local lookUpsOf, buildNode, flightsWithoutRedis, flightsTo, watchRedis, snapshotKeeper, followFile, keysOf, ledgerIn, fileReading, isStale, newMemory, guardedReader, patienceOf, jitter, SNAPSHOT_LOOK, BREATH, runSoon
local ____resty_2Elrucache = require("resty.lrucache")
local newLru = ____resty_2Elrucache.new
local ____flights = require("signpost.cache.flights")
local coalesce = ____flights.coalesce
local ____ledger = require("signpost.cache.ledger")
local newLedger = ____ledger.newLedger
local ____lookup = require("signpost.cache.lookup")
local lookUpThrough = ____lookup.lookUpThrough
local ____read_through = require("signpost.cache.read_through")
local readThrough = ____read_through.readThrough
local ____refresh = require("signpost.cache.refresh")
local refresher = ____refresh.refresher
local ____shared = require("signpost.cache.shared")
local sharedLevel = ____shared.sharedLevel
local ____breaker = require("signpost.origin.breaker")
local newBreaker = ____breaker.newBreaker
local ____commands = require("signpost.origin.commands")
local coveringPrefixes = ____commands.coveringPrefixes
local ____guard = require("signpost.origin.guard")
local guarded = ____guard.guarded
local ____keys = require("signpost.origin.keys")
local newKeys = ____keys.newKeys
local POOL_SIGN = ____keys.POOL_SIGN
local ____read_routes = require("signpost.origin.read_routes")
local routeReader = ____read_routes.routeReader
local ____background = require("signpost.platform.background")
local backgroundRunner = ____background.backgroundRunner
local race = ____background.race
local repeatInBackground = ____background.repeatInBackground
local ____files = require("signpost.platform.files")
local files = ____files.files
local ____gate = require("signpost.platform.gate")
local newGate = ____gate.newGate
local ____log = require("signpost.platform.log")
local log = ____log.log
local ____redis = require("signpost.platform.redis")
local connectRedis = ____redis.connectRedis
local ____tracking = require("signpost.platform.tracking")
local trackingOpener = ____tracking.trackingOpener
local ____names = require("signpost.routing.names")
local namesToTry = ____names.namesToTry
local ____plan = require("signpost.routing.plan")
local poolPlanner = ____plan.poolPlanner
local routePlanner = ____plan.routePlanner
local ____follower = require("signpost.snapshot.follower")
local follower = ____follower.follower
local readHeld = ____follower.readHeld
local ____keeper = require("signpost.snapshot.keeper")
local keeper = ____keeper.keeper
local ____restore = require("signpost.snapshot.restore")
local loadRoutesFile = ____restore.loadRoutesFile
local restoreSnapshot = ____restore.restoreSnapshot
local ____complaints = require("signpost.telemetry.complaints")
local complaints = ____complaints.complaints
local ____counters = require("signpost.telemetry.counters")
local counting = ____counters.counting
local ____health = require("signpost.upstream.health")
local newHealth = ____health.newHealth
local ____pool = require("signpost.upstream.pool")
local poolMaker = ____pool.poolMaker
local ____backoff = require("signpost.watch.backoff")
local newBackoff = ____backoff.newBackoff
local ____lease = require("signpost.watch.lease")
local newLease = ____lease.newLease
local ____watcher = require("signpost.watch.watcher")
local watcher = ____watcher.watcher
function lookUpsOf(node)
    local ____node_1 = node
    local settings = ____node_1.settings
    local flights = ____node_1.flights
    local shared = ____node_1.shared
    local ledger = ____node_1.ledger
    local refreshSoon = refresher(
        flights.readUnlimited,
        function(name) return isStale(node, name) end,
        runSoon
    )
    return function(namesOf, compile) return lookUpThrough({
        memory = newMemory(settings.memory_size),
        namesOf = namesOf,
        compile = compile,
        findShared = shared.find,
        readRedis = flights.read,
        readForKnown = flights.readUnlimited,
        refreshSoon = refreshSoon,
        ledger = ledger,
        now = ngx.now,
        ttl = settings.cache_ttl
    }) end
end
function buildNode(settings, zones)
    local count = counting(zones.state)
    local ledger = ledgerIn(zones)
    local shared = sharedLevel({
        records = zones.records,
        absent = zones.absent,
        ledger = ledger,
        complaints = complaints(
            zones.state,
            log,
            count,
            keysOf(settings)
        ),
        count = count
    })
    local flights = settings.endpoint == nil and flightsWithoutRedis(shared, ledger) or flightsTo(
        settings.endpoint,
        settings,
        count,
        shared,
        ledger
    )
    return {
        settings = settings,
        zones = zones,
        count = count,
        ledger = ledger,
        shared = shared,
        flights = flights,
        lease = newLease(
            zones.state,
            ngx.worker.pid()
        )
    }
end
function flightsWithoutRedis(shared, ledger)
    local read = readHeld(shared, ledger)
    return {read = read, readUnlimited = read}
end
function flightsTo(endpoint, settings, count, shared, ledger)
    local read = guardedReader(endpoint, settings, count)
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
function watchRedis(node, endpoint)
    local ____node_2 = node
    local settings = ____node_2.settings
    local ledger = ____node_2.ledger
    local shared = ____node_2.shared
    local lease = ____node_2.lease
    local flights = ____node_2.flights
    local ____temp_3
    if settings.snapshot == nil then
        ____temp_3 = nil
    else
        ____temp_3 = snapshotKeeper(node, endpoint, settings.snapshot)
    end
    local snapshot = ____temp_3
    local beats = {}
    beats[#beats + 1] = watcher({
        open = trackingOpener(endpoint, settings),
        lease = lease,
        backoff = newBackoff(jitter),
        ledger = ledger,
        log = log,
        now = ngx.now,
        holds = function(name) return shared.find(name) ~= nil end,
        newReread = function(failed) return refresher(
            flights.readUnlimited,
            function() return true end,
            runSoon,
            failed
        ) end,
        pause = ngx.sleep,
        race = race,
        isExiting = ngx.worker.exiting,
        changed = function() return snapshot and snapshot.changed() end,
        keys = keysOf(settings),
        timeout = settings.watch_timeout
    })
    if snapshot ~= nil then
        beats[#beats + 1] = function()
            snapshot.tick()
            local ____ngx_worker_exiting_result_6
            if ngx.worker.exiting() then
                ____ngx_worker_exiting_result_6 = nil
            else
                ____ngx_worker_exiting_result_6 = SNAPSHOT_LOOK
            end
            return ____ngx_worker_exiting_result_6
        end
    end
    return beats
end
function snapshotKeeper(node, endpoint, path)
    local ____node_7 = node
    local settings = ____node_7.settings
    local ledger = ____node_7.ledger
    local lease = ____node_7.lease
    return keeper({
        path = path,
        me = ngx.worker.pid(),
        state = node.zones.state,
        interval = settings.snapshot_interval,
        files = files,
        writing = {
            redis = connectRedis(endpoint, settings),
            prefixes = coveringPrefixes(settings.route_prefix, settings.pool_prefix),
            breathe = function()
                ngx.sleep(BREATH)
                return lease.isMine() and not ngx.worker.exiting()
            end
        },
        isMine = lease.isMine,
        isTracked = function() return ledger.epoch() ~= 0 end,
        runSoon = runSoon,
        now = ngx.now,
        log = log
    })
end
function followFile(node)
    local ____node_8 = node
    local settings = ____node_8.settings
    local zones = ____node_8.zones
    local shared = ____node_8.shared
    local ledger = ____node_8.ledger
    local lease = ____node_8.lease
    local beat = follower({
        path = settings.routes_file or "",
        reading = fileReading(settings),
        state = zones.state,
        shared = shared,
        ledger = ledger,
        lease = lease,
        now = ngx.now,
        pause = ngx.sleep,
        isExiting = ngx.worker.exiting
    })
    return {beat}
end
function keysOf(settings)
    return newKeys(settings.route_prefix, settings.pool_prefix)
end
function ledgerIn(zones)
    return newLedger(zones.state, ngx.crc32_short)
end
function fileReading(settings)
    return {
        files = files,
        log = log,
        keys = keysOf(settings)
    }
end
function isStale(node, name)
    local known = node.shared.find(name)
    return known == nil or known.checked < ngx.now() - node.settings.cache_ttl
end
function newMemory(size)
    local memory, err = newLru(size)
    if err ~= nil then
        error("signpost: resty.lrucache: " .. err)
    end
    return memory
end
function guardedReader(endpoint, settings, count)
    local breaker = newBreaker(ngx.now, settings.breaker_failures, settings.breaker_pause)
    return guarded(
        routeReader(
            connectRedis(endpoint, settings),
            keysOf(settings)
        ),
        {breaker = breaker, log = log, count = count}
    )
end
function patienceOf(settings)
    local once = settings.redis_connect_timeout + settings.redis_send_timeout + settings.redis_read_timeout
    return 3 * once / 1000
end
function jitter()
    return (ngx.now() * 1000 + ngx.worker.pid()) % 97 / 97
end
SNAPSHOT_LOOK = 0.25
BREATH = 0.001
runSoon = backgroundRunner(log)
--- Fills the shared dicts from the settings' files, so that what they hold is served from the first request on.
-- Before there are workers. Raises if there is no Redis and the routes file cannot be read: nginx then does not start.
function ____exports.fillFromFiles(settings, zones)
    local ____zones_0 = zones
    local records = ____zones_0.records
    local state = ____zones_0.state
    local parts = {
        reading = fileReading(settings),
        records = records,
        state = state,
        ledger = ledgerIn(zones),
        now = ngx.now
    }
    if settings.routes_file ~= nil then
        local ____, err, detail = loadRoutesFile(settings.routes_file, parts)
        if err ~= nil then
            error("signpost: routes_file: " .. detail, 0)
        end
    end
    if settings.snapshot ~= nil then
        local ____, err, detail = restoreSnapshot(settings.snapshot, parts)
        if err ~= nil then
            log.warn("no snapshot to begin with: " .. detail)
        end
    end
end
--- Builds a worker's parts. Raises when the memory for its cache cannot be had; nginx then logs it and the worker ends.
function ____exports.buildWorker(settings, zones)
    local node = buildNode(settings, zones)
    local health = newHealth(zones.state, node.ledger.moveClock)
    local pools = poolMaker({health = health, random = math.random, hash = ngx.crc32_long})
    local lookUps = lookUpsOf(node)
    return {
        lookUp = lookUps(
            namesToTry,
            routePlanner(pools)
        ),
        lookUpPool = lookUps(
            function(name) return {POOL_SIGN .. name} end,
            poolPlanner(pools)
        ),
        health = health,
        used = function()
        end,
        block = settings.upstream_block,
        retryAfter = settings.retry_after,
        beats = settings.endpoint == nil and followFile(node) or watchRedis(node, settings.endpoint)
    }
end
---
-- @returns whether changes are pushed to this node.
function ____exports.isTracking(zones)
    return ledgerIn(zones).epoch() ~= 0
end
--- Starts what runs beside requests.
function ____exports.startBackground(worker)
    for ____, beat in ipairs(worker.beats) do
        repeatInBackground(beat, log)
    end
end
return ____exports

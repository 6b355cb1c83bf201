local ____exports = {}
local watchRedis, snapshotKeeper, followFile, checkPeers, jitter, SNAPSHOT_LOOK
local ____refresh = require("signpost.cache.refresh")
local refresher = ____refresh.refresher
local ____commands = require("signpost.redis.commands")
local coveringPrefixes = ____commands.coveringPrefixes
local ____read_values = require("signpost.redis.read_values")
local valueReader = ____read_values.valueReader
local ____follower = require("signpost.snapshot.follower")
local follower = ____follower.follower
local ____keeper = require("signpost.snapshot.keeper")
local keeper = ____keeper.keeper
local ____checker = require("signpost.health.checker")
local checker = ____checker.checker
local ____wanted_checks = require("signpost.health.wanted_checks")
local wantedPools = ____wanted_checks.wantedPools
local ____backoff = require("signpost.watch.backoff")
local newBackoff = ____backoff.newBackoff
local ____watcher = require("signpost.watch.watcher")
local watcher = ____watcher.watcher
local ____background = require("signpost.platform.background")
local breathe = ____background.breathe
local race = ____background.race
local runSoon = ____background.runSoon
local ____files = require("signpost.platform.files")
local files = ____files.files
local ____gate = require("signpost.platform.gate")
local newGate = ____gate.newGate
local ____log = require("signpost.platform.log")
local log = ____log.log
local ____shared_parts = require("signpost.wiring.shared_parts")
local reachOf = ____shared_parts.reachOf
local rightsOf = ____shared_parts.rightsOf
local ____probe = require("signpost.platform.probe")
local probe = ____probe.probe
local ____redis = require("signpost.platform.redis")
local connectRedis = ____redis.connectRedis
local ____tracking = require("signpost.platform.tracking")
local trackingOpener = ____tracking.trackingOpener
function watchRedis(node, endpoint)
    local ____node_1 = node
    local settings = ____node_1.settings
    local keys = ____node_1.keys
    local ledger = ____node_1.ledger
    local shared = ____node_1.shared
    local lease = ____node_1.lease
    local flights = ____node_1.flights
    local ____temp_2
    if settings.snapshot == nil then
        ____temp_2 = nil
    else
        ____temp_2 = snapshotKeeper(node, endpoint, settings.snapshot)
    end
    local snapshot = ____temp_2
    local beats = {}
    beats[#beats + 1] = watcher({
        open = trackingOpener(endpoint, settings, keys),
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
            breathe,
            failed
        ) end,
        runSoon = runSoon,
        pause = ngx.sleep,
        breathe = breathe,
        race = race,
        isExiting = ngx.worker.exiting,
        changed = function() return snapshot and snapshot.changed() end,
        keys = keys,
        timeout = settings.watch_timeout
    })
    if snapshot ~= nil then
        beats[#beats + 1] = function()
            snapshot.tick()
            local ____ngx_worker_exiting_result_5
            if ngx.worker.exiting() then
                ____ngx_worker_exiting_result_5 = nil
            else
                ____ngx_worker_exiting_result_5 = SNAPSHOT_LOOK
            end
            return ____ngx_worker_exiting_result_5
        end
    end
    return beats
end
function snapshotKeeper(node, endpoint, path)
    local ____node_6 = node
    local settings = ____node_6.settings
    local zones = ____node_6.zones
    local ledger = ____node_6.ledger
    local lease = ____node_6.lease
    local redis = connectRedis(endpoint, settings)
    return keeper({
        path = path,
        me = ngx.worker.pid(),
        state = zones.state,
        interval = settings.snapshot_interval,
        files = files,
        writing = {
            redis = redis,
            readValues = valueReader(
                redis,
                rightsOf(redis, zones)
            ),
            log = log,
            prefixes = coveringPrefixes(node.keys.prefixes),
            breathe = function()
                breathe()
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
    local ____node_7 = node
    local settings = ____node_7.settings
    local zones = ____node_7.zones
    local keys = ____node_7.keys
    local shared = ____node_7.shared
    local ledger = ____node_7.ledger
    local lease = ____node_7.lease
    return follower({
        path = settings.routes_file or "",
        reading = {
            files = files,
            log = log,
            keys = keys,
            hash = ngx.crc32_short,
            reach = reachOf(settings)
        },
        state = zones.state,
        shared = shared,
        ledger = ledger,
        lease = lease,
        now = ngx.now,
        pause = ngx.sleep,
        breathe = breathe,
        isExiting = ngx.worker.exiting
    })
end
function checkPeers(node, findPool)
    local ____node_8 = node
    local zones = ____node_8.zones
    local ledger = ____node_8.ledger
    local lease = ____node_8.lease
    local health = ____node_8.health
    return checker({
        isMine = lease.isMine,
        wanted = wantedPools(zones.state, ngx.now),
        changeClock = ledger.clock,
        findPool = findPool,
        health = health,
        start = runSoon,
        probe = probe,
        newGate = newGate,
        log = log,
        now = ngx.now,
        isExiting = ngx.worker.exiting
    })
end
--- From 0 to 1, by the clock's milliseconds and the process: enough to tell nodes apart, and no seed to set.
function jitter()
    return (ngx.now() * 1000 + ngx.worker.pid()) % 97 / 97
end
SNAPSHOT_LOOK = 0.25
---
-- @returns what runs in a worker beside its requests.
function ____exports.beatsOf(node, findPool)
    local ____node_settings_0 = node.settings
    local endpoint = ____node_settings_0.endpoint
    local beats = endpoint == nil and ({followFile(node)}) or watchRedis(node, endpoint)
    beats[#beats + 1] = checkPeers(node, findPool)
    return beats
end
return ____exports

local ____exports = {}
local watchRedis, snapshotKeeper, followFile, checkPeers, jitter, SNAPSHOT_LOOK
local ____refresh = require("signpost.cache.refresh")
local refresher = ____refresh.refresher
local ____commands = require("signpost.redis.commands")
local coveringPrefixes = ____commands.coveringPrefixes
local ____read_values = require("signpost.redis.read_values")
local valueReader = ____read_values.valueReader
local ____rights = require("signpost.redis.rights")
local newRights = ____rights.newRights
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
local tellRights = ____shared_parts.tellRights
local ____probe = require("signpost.platform.probe")
local probe = ____probe.probe
local ____redis = require("signpost.platform.redis")
local connectRedis = ____redis.connectRedis
local ____tracking = require("signpost.platform.tracking")
local trackingOpener = ____tracking.trackingOpener
function watchRedis(sharedParts, endpoint)
    local ____sharedParts_1 = sharedParts
    local settings = ____sharedParts_1.settings
    local keys = ____sharedParts_1.keys
    local nodeState = ____sharedParts_1.nodeState
    local cache = ____sharedParts_1.cache
    local lease = ____sharedParts_1.lease
    local snapshot = settings.snapshot ~= nil and snapshotKeeper(sharedParts, endpoint, settings.snapshot) or nil
    local periodicTasks = {}
    periodicTasks[#periodicTasks + 1] = watcher({
        open = trackingOpener(endpoint, settings, keys),
        lease = lease,
        backoff = newBackoff(jitter),
        nodeState = nodeState,
        log = log,
        now = ngx.now,
        holds = function(name) return cache.shared.find(name) ~= nil end,
        newReread = function(failed) return refresher({
            read = cache.flights.readUnlimited,
            isDue = function() return true end,
            runSoon = runSoon,
            breathe = breathe,
            failed = failed
        }) end,
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
        periodicTasks[#periodicTasks + 1] = function()
            snapshot.tick()
            return not ngx.worker.exiting() and SNAPSHOT_LOOK or nil
        end
    end
    return periodicTasks
end
function snapshotKeeper(sharedParts, endpoint, path)
    local ____sharedParts_4 = sharedParts
    local settings = ____sharedParts_4.settings
    local zones = ____sharedParts_4.zones
    local nodeState = ____sharedParts_4.nodeState
    local lease = ____sharedParts_4.lease
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
                newRights(
                    redis.connectionsMade,
                    function()
                        tellRights(zones)
                    end
                )
            ),
            log = log,
            prefixes = coveringPrefixes(sharedParts.keys.prefixes),
            breathe = function()
                breathe()
                return lease.isMine() and not ngx.worker.exiting()
            end
        },
        isMine = lease.isMine,
        isTracked = function() return nodeState.epochs.current() ~= 0 end,
        runSoon = runSoon,
        now = ngx.now,
        log = log
    })
end
function followFile(sharedParts)
    local ____sharedParts_5 = sharedParts
    local settings = ____sharedParts_5.settings
    local zones = ____sharedParts_5.zones
    local keys = ____sharedParts_5.keys
    local cache = ____sharedParts_5.cache
    local nodeState = ____sharedParts_5.nodeState
    local lease = ____sharedParts_5.lease
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
        shared = cache.shared,
        nodeState = nodeState,
        lease = lease,
        now = ngx.now,
        pause = ngx.sleep,
        breathe = breathe,
        isExiting = ngx.worker.exiting
    })
end
function checkPeers(sharedParts, findPool)
    local ____sharedParts_6 = sharedParts
    local zones = ____sharedParts_6.zones
    local nodeState = ____sharedParts_6.nodeState
    local lease = ____sharedParts_6.lease
    local health = ____sharedParts_6.health
    return checker({
        isMine = lease.isMine,
        wanted = wantedPools(zones.state, ngx.now),
        changeClock = nodeState.changeClock.value,
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
--- A number from 0 to 1, from the clock's milliseconds and the process id: it differs enough between nodes, and needs
-- no seed.
function jitter()
    return (ngx.now() * 1000 + ngx.worker.pid()) % 97 / 97
end
SNAPSHOT_LOOK = 0.25
---
-- @returns the background tasks of one worker.
function ____exports.periodicTasksOf(sharedParts, findPool)
    local ____sharedParts_settings_0 = sharedParts.settings
    local endpoint = ____sharedParts_settings_0.endpoint
    local periodicTasks = endpoint == nil and ({followFile(sharedParts)}) or watchRedis(sharedParts, endpoint)
    periodicTasks[#periodicTasks + 1] = checkPeers(sharedParts, findPool)
    return periodicTasks
end
return ____exports

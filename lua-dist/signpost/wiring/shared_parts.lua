local ____exports = {}
local redisSource, waitTimeoutOf, healthIn, sayUnmatchable
local ____build = require("signpost.cache.build")
local buildCache = ____build.buildCache
local ____reach = require("signpost.format.reach")
local newReach = ____reach.newReach
local ____health = require("signpost.health.health")
local newHealth = ____health.newHealth
local ____standing_store = require("signpost.health.standing_store")
local storeAmongOthers = ____standing_store.storeAmongOthers
local storeApart = ____standing_store.storeApart
local ____background = require("signpost.platform.background")
local breathe = ____background.breathe
local runSoon = ____background.runSoon
local ____gate = require("signpost.platform.gate")
local newGate = ____gate.newGate
local ____log = require("signpost.platform.log")
local log = ____log.log
local ____redis = require("signpost.platform.redis")
local connectRedis = ____redis.connectRedis
local ____keys = require("signpost.redis.keys")
local newKeys = ____keys.newKeys
local ____rights = require("signpost.redis.rights")
local MISSING_RIGHTS = ____rights.MISSING_RIGHTS
local ____counters = require("signpost.state.counters")
local counting = ____counters.counting
local countOf = ____counters.countOf
local ____keys = require("signpost.state.keys")
local STATE_KEYS = ____keys.STATE_KEYS
local ____lease = require("signpost.state.lease")
local holderId = ____lease.holderId
local newLease = ____lease.newLease
local ____node_state = require("signpost.state.node_state")
local newNodeState = ____node_state.newNodeState
local ____said_once = require("signpost.state.said_once")
local mustSay = ____said_once.mustSay
local ____complaints = require("signpost.telemetry.complaints")
local newComplaints = ____complaints.complaints
local ____unmatchable_keys = require("signpost.telemetry.unmatchable_keys")
local unmatchableKeys = ____unmatchable_keys.unmatchableKeys
function redisSource(endpoint, settings, zones, keys)
    return {
        redis = connectRedis(endpoint, settings),
        keys = keys,
        reach = ____exports.reachOf(settings),
        tellRights = function()
            ____exports.tellRights(zones)
        end,
        log = log,
        newGate = newGate,
        breakerFailures = settings.breaker_failures,
        breakerPause = settings.breaker_pause,
        maxLookups = settings.max_lookups,
        waitTimeout = waitTimeoutOf(settings)
    }
end
--- Says in the log, once on a node, which Redis commands to grant.
function ____exports.tellRights(zones)
    if mustSay(zones.state, STATE_KEYS.toldRights) then
        log.warn(MISSING_RIGHTS)
    end
end
--- Seconds that the slowest successful read may take: it finds its pooled connection dead, makes a new one, and needs
-- two more round trips because a value is not a string.
function waitTimeoutOf(settings)
    local once = settings.redis_connect_timeout + settings.redis_send_timeout + settings.redis_read_timeout
    return 4 * once / 1000
end
function healthIn(zones, nodeState)
    local ____zones_2 = zones
    local health = ____zones_2.health
    local isHealthApart = ____zones_2.isHealthApart
    return newHealth({
        store = isHealthApart and storeApart(health, ngx.now) or storeAmongOthers(health, ngx.crc32_short),
        alone = nodeState.alone,
        now = ngx.now,
        changed = nodeState.changeClock.move
    })
end
---
-- @returns the state about changes that the node's workers share. Without Redis, workers remember absent names that no
-- dict holds, so everything counts as evicted.
function ____exports.nodeStateIn(zones, settings)
    local ____zones_3 = zones
    local evictingState = ____zones_3.evictingState
    local records = ____zones_3.records
    local absent = ____zones_3.absent
    local dicts = settings.endpoint == nil and ({}) or ({records, absent})
    return newNodeState(evictingState, ngx.crc32_short, ngx.now, dicts)
end
---
-- @returns the check of where routes may lead; nothing: they may lead anywhere.
function ____exports.reachOf(settings)
    return newReach(settings.allow_targets, settings.deny_targets)
end
---
-- @returns the mapping between keys of Redis and names of the cache.
function ____exports.keysOf(settings)
    return newKeys(settings, settings.tables, sayUnmatchable)
end
--- Builds them, once in each worker.
-- 
-- @param generation see `newGeneration`
function ____exports.buildSharedParts(settings, zones, generation)
    local ____zones_0 = zones
    local records = ____zones_0.records
    local absent = ____zones_0.absent
    local state = ____zones_0.state
    local ____settings_1 = settings
    local endpoint = ____settings_1.endpoint
    local count = counting(state)
    local keys = ____exports.keysOf(settings)
    local nodeState = ____exports.nodeStateIn(zones, settings)
    local complaints = newComplaints(
        state,
        log,
        count,
        function(counter) return countOf(state, counter) end,
        keys
    )
    local cache = buildCache({
        records = records,
        absent = absent,
        nodeState = nodeState,
        source = endpoint and redisSource(endpoint, settings, zones, keys),
        complaints = complaints,
        count = count,
        now = ngx.now,
        runSoon = runSoon,
        breathe = breathe,
        ttl = settings.cache_ttl
    })
    local lease = newLease(
        zones.evictingState,
        holderId(
            generation,
            ngx.worker.pid()
        ),
        ngx.now
    )
    return {
        settings = settings,
        zones = zones,
        keys = keys,
        nodeState = nodeState,
        complaints = complaints,
        cache = cache,
        lease = lease,
        health = healthIn(zones, nodeState)
    }
end
sayUnmatchable = unmatchableKeys(log)
return ____exports

import { buildCache, Cache, RedisSource } from "../cache/build";
import { Complaints } from "../cache/shared";
import { newReach, ReachProblem } from "../format/reach";
import { Health, newHealth } from "../health/health";
import { storeAmongOthers, storeApart } from "../health/standing_store";
import { breathe, runSoon } from "../platform/background";
import { newGate } from "../platform/gate";
import { log } from "../platform/log";
import { connectRedis } from "../platform/redis";
import { Zones } from "../platform/shared_dict";
import { Keys, newKeys } from "../redis/keys";
import { MISSING_RIGHTS } from "../redis/rights";
import { RedisEndpoint, Settings } from "../settings/settings";
import { counting, countOf } from "../state/counters";
import { STATE_KEYS } from "../state/keys";
import { holderId, Lease, newLease } from "../state/lease";
import { newNodeState, NodeState } from "../state/node_state";
import { mustSay } from "../state/said_once";
import { complaints as newComplaints } from "../telemetry/complaints";
import { unmatchableKeys } from "../telemetry/unmatchable_keys";

/** What a worker's requests and its periodic tasks share. */
export interface SharedParts {
  readonly settings: Settings;
  readonly zones: Zones;
  readonly keys: Keys;
  readonly nodeState: NodeState;
  readonly complaints: Complaints;
  readonly cache: Cache;
  readonly lease: Lease;
  readonly health: Health;
}

/**
 * Builds them, once in each worker.
 * @param generation see `newGeneration`
 */
export function buildSharedParts(settings: Settings, zones: Zones, generation: number): SharedParts {
  const { records, absent, state } = zones;
  const { endpoint } = settings;
  const count = counting(state);
  const keys = keysOf(settings);
  const nodeState = nodeStateIn(zones, settings);
  const complaints = newComplaints(state, log, count, (counter) => countOf(state, counter), keys);
  const cache = buildCache({
    records,
    absent,
    nodeState,
    source: endpoint && redisSource(endpoint, settings, zones, keys),
    complaints,
    count,
    now: ngx.now,
    runSoon,
    breathe,
    ttl: settings.cache_ttl,
  });
  const lease = newLease(zones.evictingState, holderId(generation, ngx.worker.pid()), ngx.now);
  return { settings, zones, keys, nodeState, complaints, cache, lease, health: healthIn(zones, nodeState) };
}

function redisSource(endpoint: RedisEndpoint, settings: Settings, zones: Zones, keys: Keys): RedisSource {
  return {
    redis: connectRedis(endpoint, settings),
    keys,
    reach: reachOf(settings),
    tellRights: () => {
      tellRights(zones);
    },
    log,
    newGate,
    breakerFailures: settings.breaker_failures,
    breakerPause: settings.breaker_pause,
    maxLookups: settings.max_lookups,
    waitTimeout: waitTimeoutOf(settings),
  };
}

/** Says in the log, once on a node, which Redis commands to grant. */
export function tellRights(zones: Zones): void {
  if (mustSay(zones.state, STATE_KEYS.toldRights)) log.warn(MISSING_RIGHTS);
}

/**
 * Seconds that the slowest successful read may take: it finds its pooled connection dead, makes a new one, and needs
 * two more round trips because a value is not a string.
 */
function waitTimeoutOf(settings: Settings): number {
  const once = settings.redis_connect_timeout + settings.redis_send_timeout + settings.redis_read_timeout;
  return (4 * once) / 1000;
}

function healthIn(zones: Zones, nodeState: NodeState): Health {
  const { health, isHealthApart } = zones;
  return newHealth({
    store: isHealthApart ? storeApart(health, ngx.now) : storeAmongOthers(health, ngx.crc32_short),
    alone: nodeState.alone,
    now: ngx.now,
    changed: nodeState.changeClock.move,
  });
}

/**
 * @returns the state about changes that the node's workers share. Without Redis, workers remember absent names that no
 * dict holds, so everything counts as evicted.
 */
export function nodeStateIn(zones: Zones, settings: Settings): NodeState {
  const { evictingState, records, absent } = zones;
  const dicts = settings.endpoint === undefined ? [] : [records, absent];
  return newNodeState(evictingState, ngx.crc32_short, ngx.now, dicts);
}

/** @returns the check of where routes may lead; nothing: they may lead anywhere. */
export function reachOf(settings: Settings): ReachProblem | undefined {
  return newReach(settings.allow_targets, settings.deny_targets);
}

/** One for the whole worker, so that each key is reported once. */
const sayUnmatchable = unmatchableKeys(log);

/** @returns the mapping between keys of Redis and names of the cache. */
export function keysOf(settings: Settings): Keys {
  return newKeys(settings, settings.tables, sayUnmatchable);
}

import { coalesce, Flights } from "../cache/flights";
import { NodeState, newNodeState } from "../state/node_state";
import { readThrough } from "../cache/read_through";
import { Complaints, SharedLevel, sharedLevel } from "../cache/shared";
import { newBreaker } from "../redis/breaker";
import { withBreaker } from "../redis/with_breaker";
import { Keys, newKeys } from "../redis/keys";
import { ReadRoutes, routeReader } from "../redis/read_routes";
import { valueReader } from "../redis/read_values";
import { Reading } from "../redis/reading";
import { MISSING_RIGHTS, newRights, Rights } from "../redis/rights";
import { Redis } from "../ports";
import { newReach, ReachProblem } from "../format/reach";
import { withinReach } from "../redis/within_reach";
import { RedisEndpoint, Settings } from "../settings/settings";
import { readHeld } from "../snapshot/follower";
import { complaints as newComplaints } from "../telemetry/complaints";
import { Count, counting, countOf } from "../state/counters";
import { STATE_KEYS } from "../state/keys";
import { mustSay } from "../state/said_once";
import { unmatchableKeys } from "../telemetry/unmatchable_keys";
import { Health, newHealth } from "../health/health";
import { storeAmongOthers, storeApart } from "../health/standing_store";
import { holderId, Lease, newLease } from "../state/lease";
import { newGate } from "../platform/gate";
import { log } from "../platform/log";
import { connectRedis } from "../platform/redis";
import { Zones } from "../platform/shared_dict";

/** What a worker knows its node by: what its requests and what runs beside them have in common. */
export interface SharedParts {
  readonly settings: Settings;
  readonly zones: Zones;
  readonly keys: Keys;
  readonly nodeState: NodeState;
  readonly complaints: Complaints;
  readonly shared: SharedLevel;
  readonly lease: Lease;
  readonly flights: Flights;
  readonly health: Health;
}

/**
 * Builds a worker's part of its node.
 * @param generation see `newGeneration`
 */
export function buildSharedParts(settings: Settings, zones: Zones, generation: number): SharedParts {
  const count = counting(zones.state);
  const keys = keysOf(settings);
  const nodeState = nodeStateIn(zones, settings);
  const complaints = newComplaints(zones.state, log, count, (counter) => countOf(zones.state, counter), keys);
  const { records, absent } = zones;
  const shared = sharedLevel({ records, absent, nodeState, complaints, count });
  const flights =
    settings.endpoint === undefined
      ? flightsWithoutRedis(shared, nodeState)
      : flightsTo(
          readerWithBreaker(settings.endpoint, settings, zones, keys, count),
          settings,
          count,
          shared,
          nodeState,
        );
  const lease = newLease(zones.evictingState, holderId(generation, ngx.worker.pid()), ngx.now);
  const health = healthIn(zones, nodeState);
  return { settings, zones, keys, nodeState, complaints, shared, flights, lease, health };
}

function healthIn({ health, isHealthApart }: Zones, nodeState: NodeState): Health {
  return newHealth({
    store: isHealthApart ? storeApart(health, ngx.now) : storeAmongOthers(health, ngx.crc32_short),
    alone: nodeState.alone,
    now: ngx.now,
    changed: nodeState.changeClock.move,
  });
}

/**
 * @returns what the node's workers agree on about changes. Without Redis, workers remember as absent what no dict holds,
 * so it is always taken for forgotten.
 */
export function nodeStateIn(zones: Zones, settings: Settings): NodeState {
  const { evictingState, records, absent } = zones;
  return newNodeState(
    evictingState,
    ngx.crc32_short,
    ngx.now,
    settings.endpoint === undefined ? [] : [records, absent],
  );
}

/** @returns where routes may lead; nothing: anywhere. */
export function reachOf(settings: Settings): ReachProblem | undefined {
  return newReach(settings.allow_targets, settings.deny_targets);
}

/** One for all that a worker sees keys by, so that each is said once. */
const sayUnmatchable = unmatchableKeys(log);

/** @returns which keys of Redis are routes and pools. */
export function keysOf(settings: Settings): Keys {
  return newKeys(settings.route_prefix, settings.pool_prefix, settings.tables, sayUnmatchable);
}

function flightsWithoutRedis(shared: SharedLevel, nodeState: NodeState): Flights {
  const read = readHeld(shared, nodeState);
  return { read, readUnlimited: read };
}

function flightsTo(
  read: ReadRoutes,
  settings: Settings,
  count: Count,
  shared: SharedLevel,
  nodeState: NodeState,
): Flights {
  return coalesce(readThrough({ read, shared, nodeState, now: ngx.now }), {
    newGate,
    now: ngx.now,
    count,
    maxLookups: settings.max_lookups,
    waitTimeout: waitTimeoutOf(settings),
  });
}

function readerWithBreaker(
  endpoint: RedisEndpoint,
  settings: Settings,
  zones: Zones,
  keys: Keys,
  count: Count,
): ReadRoutes {
  const breaker = newBreaker(ngx.now, settings.breaker_failures, settings.breaker_pause);
  const redis = connectRedis(endpoint, settings);
  const readValues = valueReader(redis, rightsOf(redis, zones));
  const read = withBreaker(routeReader(readValues, keys), { breaker, log, count });
  const reach = reachOf(settings);
  return (names) => {
    const [readings, err, detail] = read(names);
    if (err !== undefined) return $multi(undefined, err, detail);
    const allowed: Reading[] = [];
    for (const i of $range(0, names.length - 1)) {
      allowed.push(withinReach(reach, names[i] as string, readings[i] as Reading));
    }
    return $multi(allowed, undefined);
  };
}

/** @returns what the user of this Redis may run. What it lacks is said once on a node. */
export function rightsOf(redis: Redis, zones: Zones): Rights {
  return newRights(redis.connectionsMade, () => {
    if (mustSay(zones.state, STATE_KEYS.toldRights)) log.warn(MISSING_RIGHTS);
  });
}

/**
 * As long as a read can take that still succeeds: a pooled connection that turns out dead, and a new one; and the two
 * further round trips of what is not a string. Seconds.
 */
function waitTimeoutOf(settings: Settings): number {
  const once = settings.redis_connect_timeout + settings.redis_send_timeout + settings.redis_read_timeout;
  return (4 * once) / 1000;
}

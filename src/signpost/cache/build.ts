import { ReachProblem } from "../format/reach";
import { Clock, Gate, Log, Redis, RunSoon, SharedDict } from "../ports";
import { newBreaker } from "../redis/breaker";
import { Keys } from "../redis/keys";
import { routeReader } from "../redis/read_routes";
import { valueReader } from "../redis/read_values";
import { newRights } from "../redis/rights";
import { withBreaker } from "../redis/with_breaker";
import { readWithinReach } from "../redis/within_reach";
import { Count } from "../state/counters";
import { NodeState } from "../state/node_state";
import { coalesce, Flights } from "./flights";
import { Levels, LookUp, lookUpThrough, Recall, recallFrom } from "./lookup";
import { readHeld } from "./read_held";
import { readThrough } from "./read_through";
import { isYoung } from "./record";
import { RefreshSoon, refresher } from "./refresh";
import { Complaints, SharedLevel, sharedLevel } from "./shared";

/** What a worker's cache is made of. */
export interface CacheParts {
  readonly records: SharedDict;
  readonly absent: SharedDict;
  readonly nodeState: NodeState;
  /** How to read from Redis; nothing: there is none, and all routes come from a file. */
  readonly source: RedisSource | undefined;
  readonly complaints: Complaints;
  readonly count: Count;
  readonly now: Clock;
  readonly runSoon: RunSoon;
  /** Lets requests have their turn. Yields. */
  readonly breathe: (this: void) => void;
  /** Without tracking, how long a record is fresh, seconds. */
  readonly ttl: number;
}

/** What reading from Redis needs. */
export interface RedisSource {
  readonly redis: Redis;
  readonly keys: Keys;
  /** The check of where routes may lead; nothing: they may lead anywhere. */
  readonly reach: ReachProblem | undefined;
  /** Says in the log which commands to grant to the Redis user. */
  readonly tellRights: (this: void) => void;
  readonly log: Log;
  readonly newGate: (this: void) => Gate;
  /** How many reads that fail in a row open the breaker. */
  readonly breakerFailures: number;
  /** Seconds between two trials while the breaker is open. */
  readonly breakerPause: number;
  /** How many reads may be under way for hosts that are not known. */
  readonly maxLookups: number;
  /** Seconds that a read may take before the requests that wait for it give it up. */
  readonly waitTimeout: number;
}

/** What one look-up does not share: hosts and pools have separate memories, and so has each table. */
export type Subjects<V> = Pick<Levels<V>, "memory" | "compiled" | "sign" | "namesOf">;

/** A look-up, and its counterpart for callers that must not wait. */
export interface LookUps<V> {
  readonly lookUp: LookUp<V>;
  readonly recall: Recall<V>;
}

/** A worker's cache. */
export interface Cache {
  readonly shared: SharedLevel;
  readonly flights: Flights;
  /** @returns a look-up of certain subjects through this cache. */
  readonly lookUpsOf: <V>(this: void, subjects: Subjects<V>) => LookUps<V>;
}

/**
 * Builds a worker's cache. A look-up goes through these steps until one can answer:
 *
 * 1. `lookUpThrough` asks the worker's memory. Nothing else runs for most requests.
 * 2. It asks the shared dict for each name that the host may match: `sharedLevel`, `matchNames`.
 * 3. It reads from Redis the unknown names that decide the answer: the steps of `flightsTo`.
 *
 * Each answer is remembered at every step that it has passed.
 */
export function buildCache(parts: CacheParts): Cache {
  const { nodeState, now, ttl, source } = parts;
  const shared = sharedLevel(parts);
  const flights = source === undefined ? flightsWithin(parts, shared) : flightsTo(source, parts, shared);
  const refreshSoon = staleRefresher(parts, shared, flights);
  return {
    shared,
    flights,
    lookUpsOf: (subjects) => {
      const levels = {
        memory: subjects.memory,
        compiled: subjects.compiled,
        sign: subjects.sign,
        namesOf: subjects.namesOf,
        findShared: shared.find,
        readRedis: flights.read,
        readForKnown: flights.readUnlimited,
        refreshSoon,
        nodeState,
        now,
        ttl,
      };
      return { lookUp: lookUpThrough(levels), recall: recallFrom(levels) };
    },
  };
}

/** The steps from a look-up to Redis, nested: the outermost is called first. */
function flightsTo(source: RedisSource, parts: CacheParts, shared: SharedLevel): Flights {
  const { nodeState, now, count } = parts;
  const { redis, keys, reach, log, newGate, maxLookups, waitTimeout } = source;
  // Requests that miss the same name wait for one read of it (singleflight), and only `maxLookups` reads run at once.
  return coalesce(
    // A read stores its answers in the shared dict, and reads names again that change meanwhile.
    readThrough({
      // An answer that leads to a forbidden address is a bad one.
      read: readWithinReach(
        // After `breakerFailures` in a row a read fails at once, and one in each `breakerPause` tries Redis.
        withBreaker(
          // The names become keys, and the values of all types become readings.
          routeReader(
            // Keys are read side by side: strings in one round trip, the other types in three.
            valueReader(redis, newRights(redis.connectionsMade, source.tellRights)),
            keys,
          ),
          { breaker: newBreaker(now, source.breakerFailures, source.breakerPause), log, count },
        ),
        reach,
      ),
      shared,
      nodeState,
      now,
    }),
    { newGate, now, count, maxLookups, waitTimeout },
  );
}

/** Without Redis, the shared dict holds everything there is. */
function flightsWithin(parts: CacheParts, shared: SharedLevel): Flights {
  const read = readHeld(shared, parts.nodeState);
  return { read, readUnlimited: read };
}

/** Without tracking, records past their time are read again in the background, by the first worker that notices. */
function staleRefresher(parts: CacheParts, shared: SharedLevel, flights: Flights): RefreshSoon {
  const { now, ttl, runSoon, breathe } = parts;
  const isStale = (name: string) => {
    const known = shared.find(name);
    return known === undefined || !isYoung(known, now(), ttl);
  };
  return refresher({ read: flights.readUnlimited, isDue: isStale, runSoon, breathe });
}

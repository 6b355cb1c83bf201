import { new as newLru } from "resty.lrucache";
import { coalesce, Flights } from "./cache/flights";
import { Ledger, newLedger } from "./cache/ledger";
import { Answer, Levels, LookUp, lookUpThrough } from "./cache/lookup";
import { readThrough } from "./cache/read_through";
import { refresher } from "./cache/refresh";
import { SharedLevel, sharedLevel } from "./cache/shared";
import { newBreaker } from "./origin/breaker";
import { coveringPrefixes } from "./origin/commands";
import { guarded } from "./origin/guard";
import { Keys, newKeys, POOL_SIGN } from "./origin/keys";
import { ReadRoutes, routeReader } from "./origin/read_routes";
import { backgroundRunner, race, repeatInBackground } from "./platform/background";
import { files } from "./platform/files";
import { newGate } from "./platform/gate";
import { log } from "./platform/log";
import { connectRedis } from "./platform/redis";
import { Zones } from "./platform/shared_dict";
import { trackingOpener } from "./platform/tracking";
import { namesToTry } from "./routing/names";
import { Plan, Planner, poolPlanner, routePlanner } from "./routing/plan";
import { RedisEndpoint, Settings } from "./settings";
import { follower, readHeld } from "./snapshot/follower";
import { Keeper, keeper } from "./snapshot/keeper";
import { ReadFileParts } from "./snapshot/read_file";
import { loadRoutesFile, restoreSnapshot } from "./snapshot/restore";
import { complaints } from "./telemetry/complaints";
import { Count, counting } from "./telemetry/counters";
import { Health, newHealth } from "./upstream/health";
import { Pool, poolMaker } from "./upstream/pool";
import { newBackoff } from "./watch/backoff";
import { Lease, newLease } from "./watch/lease";
import { watcher } from "./watch/watcher";

/** The parts of one nginx worker, built once: settings and the real world in, the way of a request out. */
export interface Worker {
  readonly lookUp: LookUp<Plan>;
  readonly lookUpPool: LookUp<Plan>;
  readonly health: Health;
  readonly used: (this: void, poolName: string, pool: Pool) => void;
  readonly block: string;
  readonly retryAfter: number;
  /** What runs beside requests: each to be called again after as many seconds as it returns. */
  readonly beats: readonly Beat[];
}

type Beat = (this: void) => number | undefined;

/** What the parts of a worker have in common. */
interface Node {
  readonly settings: Settings;
  readonly zones: Zones;
  readonly count: Count;
  readonly ledger: Ledger;
  readonly shared: SharedLevel;
  readonly lease: Lease;
  readonly flights: Flights;
}

/** How often it is seen to whether a snapshot is due, seconds. */
const SNAPSHOT_LOOK = 0.25;

/** Between two batches of a snapshot, requests have their turn for this long, seconds. */
const BREATH = 0.001;

const runSoon = backgroundRunner(log);

/**
 * Fills the shared dicts from the settings' files, so that what they hold is served from the first request on.
 * Before there are workers. Raises if there is no Redis and the routes file cannot be read: nginx then does not start.
 */
export function fillFromFiles(settings: Settings, zones: Zones): void {
  const { records, state } = zones;
  const parts = { reading: fileReading(settings), records, state, ledger: ledgerIn(zones), now: ngx.now };
  if (settings.routes_file !== undefined) {
    const [, err, detail] = loadRoutesFile(settings.routes_file, parts);
    if (err !== undefined) {
      error(`signpost: routes_file: ${detail}`, 0);
    }
  }
  if (settings.snapshot !== undefined) {
    const [, err, detail] = restoreSnapshot(settings.snapshot, parts);
    if (err !== undefined) {
      log.warn(`no snapshot to begin with: ${detail}`);
    }
  }
}

/** Builds a worker's parts. Raises when the memory for its cache cannot be had; nginx then logs it and the worker ends. */
export function buildWorker(settings: Settings, zones: Zones): Worker {
  const node = buildNode(settings, zones);
  const health = newHealth(zones.state, node.ledger.moveClock);
  const pools = poolMaker({ health, random: math.random, hash: ngx.crc32_long });
  const lookUps = lookUpsOf(node);
  return {
    lookUp: lookUps(namesToTry, routePlanner(pools)),
    lookUpPool: lookUps((name) => [POOL_SIGN + name], poolPlanner(pools)),
    health,
    used: () => {},
    block: settings.upstream_block,
    retryAfter: settings.retry_after,
    beats: settings.endpoint === undefined ? followFile(node) : watchRedis(node, settings.endpoint),
  };
}

/** @returns what makes look-ups: each with a memory of its own, on what the node has. */
function lookUpsOf(node: Node): (this: void, namesOf: Levels<Plan>["namesOf"], compile: Planner) => LookUp<Plan> {
  const { settings, flights, shared, ledger } = node;
  const refreshSoon = refresher(flights.readUnlimited, (name) => isStale(node, name), runSoon);
  return (namesOf, compile) =>
    lookUpThrough({
      memory: newMemory(settings.memory_size),
      namesOf,
      compile,
      findShared: shared.find,
      readRedis: flights.read,
      readForKnown: flights.readUnlimited,
      refreshSoon,
      ledger,
      now: ngx.now,
      ttl: settings.cache_ttl,
    });
}

/** @returns whether changes are pushed to this node. */
export function isTracking(zones: Zones): boolean {
  return ledgerIn(zones).epoch() !== 0;
}

/** Starts what runs beside requests. */
export function startBackground(worker: Worker): void {
  for (const beat of worker.beats) {
    repeatInBackground(beat, log);
  }
}

function buildNode(settings: Settings, zones: Zones): Node {
  const count = counting(zones.state);
  const ledger = ledgerIn(zones);
  const shared = sharedLevel({
    records: zones.records,
    absent: zones.absent,
    ledger,
    complaints: complaints(zones.state, log, count, keysOf(settings)),
    count,
  });
  const flights =
    settings.endpoint === undefined
      ? flightsWithoutRedis(shared, ledger)
      : flightsTo(settings.endpoint, settings, count, shared, ledger);
  return { settings, zones, count, ledger, shared, flights, lease: newLease(zones.state, ngx.worker.pid()) };
}

function flightsWithoutRedis(shared: SharedLevel, ledger: Ledger): Flights {
  const read = readHeld(shared, ledger);
  return { read, readUnlimited: read };
}

function flightsTo(
  endpoint: RedisEndpoint,
  settings: Settings,
  count: Count,
  shared: SharedLevel,
  ledger: Ledger,
): Flights {
  const read = guardedReader(endpoint, settings, count);
  return coalesce(readThrough({ read, shared, ledger, now: ngx.now }), {
    newGate,
    now: ngx.now,
    count,
    maxLookups: settings.max_lookups,
    patience: patienceOf(settings),
  });
}

function watchRedis(node: Node, endpoint: RedisEndpoint): readonly Beat[] {
  const { settings, ledger, shared, lease, flights } = node;
  const snapshot = settings.snapshot === undefined ? undefined : snapshotKeeper(node, endpoint, settings.snapshot);
  const beats: Beat[] = [];
  beats.push(
    watcher({
      open: trackingOpener(endpoint, settings),
      lease,
      backoff: newBackoff(jitter),
      ledger,
      log,
      now: ngx.now,
      holds: (name) => shared.find(name) !== undefined,
      newReread: (failed) => refresher(flights.readUnlimited, () => true, runSoon, failed),
      pause: ngx.sleep,
      race,
      isExiting: ngx.worker.exiting,
      changed: () => snapshot?.changed(),
      keys: keysOf(settings),
      timeout: settings.watch_timeout,
    }),
  );
  if (snapshot !== undefined) {
    beats.push(() => {
      snapshot.tick();
      return ngx.worker.exiting() ? undefined : SNAPSHOT_LOOK;
    });
  }
  return beats;
}

function snapshotKeeper(node: Node, endpoint: RedisEndpoint, path: string): Keeper {
  const { settings, ledger, lease } = node;
  return keeper({
    path,
    me: ngx.worker.pid(),
    state: node.zones.state,
    interval: settings.snapshot_interval,
    files,
    writing: {
      redis: connectRedis(endpoint, settings),
      prefixes: coveringPrefixes(settings.route_prefix, settings.pool_prefix),
      breathe: () => {
        ngx.sleep(BREATH);
        return lease.isMine() && !ngx.worker.exiting();
      },
    },
    isMine: lease.isMine,
    isTracked: () => ledger.epoch() !== 0,
    runSoon,
    now: ngx.now,
    log,
  });
}

function followFile(node: Node): readonly Beat[] {
  const { settings, zones, shared, ledger, lease } = node;
  const beat = follower({
    path: settings.routes_file ?? "",
    reading: fileReading(settings),
    state: zones.state,
    shared,
    ledger,
    lease,
    now: ngx.now,
    pause: ngx.sleep,
    isExiting: ngx.worker.exiting,
  });
  return [beat];
}

function keysOf(settings: Settings): Keys {
  return newKeys(settings.route_prefix, settings.pool_prefix);
}

function ledgerIn(zones: Zones): Ledger {
  return newLedger(zones.state, ngx.crc32_short);
}

function fileReading(settings: Settings): ReadFileParts {
  return { files, log, keys: keysOf(settings) };
}

/** Without tracking, whether a record's time is up. */
function isStale(node: Node, name: string): boolean {
  const known = node.shared.find(name);
  return known === undefined || known.checked < ngx.now() - node.settings.cache_ttl;
}

function newMemory(size: number) {
  const [memory, err] = newLru<Answer<Plan>>(size);
  if (err !== undefined) {
    error(`signpost: resty.lrucache: ${err}`);
  }
  return memory;
}

function guardedReader(endpoint: RedisEndpoint, settings: Settings, count: Count): ReadRoutes {
  const breaker = newBreaker(ngx.now, settings.breaker_failures, settings.breaker_pause);
  return guarded(routeReader(connectRedis(endpoint, settings), keysOf(settings)), { breaker, log, count });
}

/**
 * As long as a read can take that still succeeds: a pooled connection that turns out dead, and a new one; and the second
 * round trip of what is not a string. Seconds.
 */
function patienceOf(settings: Settings): number {
  const once = settings.redis_connect_timeout + settings.redis_send_timeout + settings.redis_read_timeout;
  return (3 * once) / 1000;
}

/** From 0 to 1, by the clock's milliseconds and the process: enough to tell nodes apart, and no seed to set. */
function jitter(): number {
  return ((ngx.now() * 1000 + ngx.worker.pid()) % 97) / 97;
}

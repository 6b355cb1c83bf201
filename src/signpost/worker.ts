import { new as newLru } from "resty.lrucache";
import { compileOnce } from "./cache/compiled";
import { Levels, LookUp, lookUpThrough, Remembered } from "./cache/lookup";
import { isYoung } from "./cache/record";
import { refresher } from "./cache/refresh";
import { POOL_SIGN } from "./origin/keys";
import { breathe, repeatInBackground, runSoon, watchTimers } from "./platform/background";
import { Beat, beatsOf } from "./platform/beats";
import { files } from "./platform/files";
import { log } from "./platform/log";
import { buildNode, keysOf, ledgerIn, Node, reachOf } from "./platform/node";
import { nodeId } from "./platform/node_id";
import { Zones } from "./platform/shared_dict";
import { RewriteParts } from "./phases/rewrite_request";
import { snippetCheck } from "./phases/snippet_versions";
import { newRandom } from "./random";
import { namesOfHost } from "./routing/names";
import { Plan, Planner, poolPlanner, routePlanner } from "./routing/plan";
import { plansWithin } from "./routing/reach";
import { Settings } from "./settings";
import { loadRoutesFile, restoreSnapshot } from "./snapshot/restore";
import { Pool, poolMaker } from "./upstream/pool";
import { wantChecks } from "./upstream/wanted_checks";

/** The parts of one nginx worker, built once: settings and the real world in, the way of a request out. */
export interface Worker extends RewriteParts {
  /** What runs beside requests. */
  readonly beats: readonly Beat[];
}

/**
 * Fills the shared dicts from the settings' files, so that what they hold is served from the first request on.
 * Before there are workers. Raises if there is no Redis and the routes file cannot be read: nginx then does not start.
 */
export function fillFromFiles(settings: Settings, zones: Zones): void {
  const { records, state } = zones;
  const reading = { files, log, keys: keysOf(settings), hash: ngx.crc32_short, reach: reachOf(settings) };
  const ledger = ledgerIn(zones, settings);
  const parts = { reading, records, state, ledger, now: ngx.now };
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
  ledger.prepare();
}

/**
 * Builds a worker's parts. Raises when the memory for its cache cannot be had; nginx then logs it and the worker ends.
 * @param generation see `newGeneration`
 */
export function buildWorker(settings: Settings, zones: Zones, generation: number): Worker {
  const node = buildNode(settings, zones, generation);
  const { health } = node;
  const pools = poolMaker({ health, random: newRandom(seed()), hash: ngx.crc32_long, digest: ngx.md5 });
  const lookUps = lookUpsOf(node);
  const reach = reachOf(settings);
  const lookUpPool = lookUps((name) => [POOL_SIGN + name], plansWithin(reach, poolPlanner(pools)));
  return {
    lookUp: lookUps(namesOfHost, plansWithin(reach, routePlanner(pools))),
    lookUpPool,
    health,
    used: whenUsed(zones),
    block: settings.upstream_block,
    nodeId: nodeId(zones.state),
    checkSnippets: snippetCheck(zones.state, log),
    retryAfter: settings.retry_after,
    beats: beatsOf(node, lookUpPool),
  };
}

/** How much memory a worker's compiled routes may take for each host of `memory_size`, and its pools as much again. */
const COMPILED_BYTES = 4096;

/** @returns 32 bits, other ones in each worker: those of a node would otherwise all begin with the same backend. */
function seed(): number {
  return ngx.crc32_long(`${ngx.now()} ${ngx.worker.pid()} ${tostring({})}`);
}

/** @returns what makes look-ups: each with a memory of its own, on what the node has. */
function lookUpsOf(node: Node): (this: void, namesOf: Levels<Plan>["namesOf"], compile: Planner) => LookUp<Plan> {
  const { settings, flights, shared, ledger } = node;
  const refreshSoon = refresher(flights.readUnlimited, (name) => isStale(node, name), runSoon, breathe);
  return (namesOf, compile) =>
    lookUpThrough({
      memory: newMemory(settings.memory_size),
      namesOf,
      compiled: compileOnce(compile, settings.memory_size * COMPILED_BYTES),
      findShared: shared.find,
      readRedis: flights.read,
      readForKnown: flights.readUnlimited,
      refreshSoon,
      ledger,
      now: ngx.now,
      ttl: settings.cache_ttl,
    });
}

/** Pools whose members are to be checked are, as long as requests use them. */
function whenUsed(zones: Zones): (this: void, poolName: string, pool: Pool) => void {
  const want = wantChecks(zones.state, ngx.now);
  return (name, { options }) => {
    if (options.healthPath !== undefined) {
      want(name);
    }
  };
}

/** @returns whether changes are pushed to this node. */
export function isTracking(settings: Settings, zones: Zones): boolean {
  return ledgerIn(zones, settings).epoch() !== 0;
}

/** How often it is seen to whether the log must say what it has left out, seconds. */
const LOG_LOOK = 5;

/** Starts what runs beside requests. */
export function startBackground(worker: Worker): void {
  watchTimers();
  repeatInBackground(() => {
    log.flush();
    return ngx.worker.exiting() ? undefined : LOG_LOOK;
  });
  for (const beat of worker.beats) {
    repeatInBackground(beat);
  }
}

/** Without tracking, whether a record's time is up. */
function isStale(node: Node, name: string): boolean {
  const known = node.shared.find(name);
  return known === undefined || !isYoung(known, ngx.now(), node.settings.cache_ttl);
}

function newMemory(size: number) {
  const [memory, err] = newLru<Remembered<Plan>>(size);
  if (err !== undefined) {
    error(`signpost: resty.lrucache: ${err}`);
  }
  return memory;
}

import { new as newLru } from "resty.lrucache";
import { compileOnce } from "../cache/compiled";
import { Levels, LookUp, lookUpThrough, Recall, recallFrom, Remembered } from "../cache/lookup";
import { isYoung } from "../cache/record";
import { refresher } from "../cache/refresh";
import { POOL_SIGN, signOf, splitPoolName, TablePrefixes } from "../redis/keys";
import { breathe, repeatInBackground, runSoon, watchTimers } from "../platform/background";
import { Beat, beatsOf, FindPool } from "./periodic_tasks";
import { files } from "../platform/files";
import { log } from "../platform/log";
import { buildNode, keysOf, ledgerIn, Node, reachOf } from "./shared_parts";
import { nodeId } from "../request/node_id";
import { Zones } from "../platform/shared_dict";
import { isRetryTakenBack } from "../platform/retry";
import { balanceRequest } from "../request/balance";
import { balancerOfKept } from "../request/balance_kept";
import { RewriteParts } from "../request/rewrite";
import { snippetCheck } from "../request/snippet_versions";
import { tableCheck } from "../request/tables";
import { FRESH, KEEPING } from "../request/upstream_block";
import { newChooser } from "../balance/choose";
import { newRandom } from "../balance/random";
import { namesOfHost } from "../routing/names";
import { Plan, Planner, poolPlanner, routePlanner, sayingBad, TellBad } from "../routing/plan";
import { plansWithin } from "../routing/plans_within";
import { Settings } from "../settings/settings";
import { loadRoutesFile, restoreSnapshot } from "../snapshot/restore";
import { Health } from "../health/health";
import { Pool, poolMaker } from "../balance/pool";
import { wantChecks } from "../health/wanted_checks";

/** The parts of one nginx worker, built once: settings and the real world in, the way of a request out. */
export interface Worker {
  readonly health: Health;
  /** The balancer phase: the one that this nginx needs. */
  readonly balance: typeof balanceRequest;
  /** The way of a request of the default table. */
  readonly parts: RewriteParts;
  /** That of each further table, by name; nothing if there are none. */
  readonly tables: LuaMap<string, RewriteParts> | undefined;
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
  const isKeptByLua = isRetryTakenBack() && settings.upstream_block === KEEPING;
  const partsOf = tableBuilder(node, isKeptByLua ? FRESH : settings.upstream_block);
  const parts = partsOf(undefined);
  const tables = settings.tables === undefined ? undefined : partsByName(settings.tables, partsOf);
  const balance = isKeptByLua ? balancerOfKept(settings.keepalive_timeout) : balanceRequest;
  return { health: node.health, balance, parts, tables, beats: beatsOf(node, poolFinder(parts, tables)) };
}

/** @param table its name; nothing: the default one */
type PartsOf = (this: void, table: string | undefined) => RewriteParts;

/**
 * Tables share everything but their routes and pools, and what a worker remembers of these.
 * @param block see `RewriteParts`
 */
function tableBuilder(node: Node, block: string): PartsOf {
  const { settings, zones, health } = node;
  const pools = poolMaker({ health, random: newRandom(seed()), hash: ngx.crc32_long, digest: ngx.md5 });
  const reach = reachOf(settings);
  const tellBad: TellBad = (name, reason) => {
    node.complaints.bad(name, reason, undefined);
  };
  const plans = (planner: Planner) => plansWithin(reach, sayingBad(planner, tellBad), tellBad);
  const [planRoute, planPool] = [plans(routePlanner(pools)), plans(poolPlanner(pools))];
  const lookUps = lookUpsOf(node);
  const refusals = { writer: settings.refusals, retryAfter: settings.retry_after };
  const chooser = newChooser(health);
  const id = nodeId(zones.state);
  const checkSnippets = snippetCheck(zones.state, log);
  const checkTable = settings.tables === undefined ? tableCheck(log) : undefined;
  return (table) => {
    const sign = table === undefined ? "" : signOf(table);
    const ofHosts = lookUps(sign, (host) => allWith(sign, namesOfHost(host)), planRoute);
    const ofPools = lookUps("", (name) => [POOL_SIGN + sign + name], planPool);
    return {
      lookUp: ofHosts.lookUp,
      lookUpPool: ofPools.lookUp,
      recall: ofHosts.recall,
      recallPool: ofPools.recall,
      health,
      choose: chooser.choose,
      giveBack: chooser.giveBack,
      used: whenUsed(zones, sign),
      block,
      nodeId: id,
      checkSnippets: () => {
        checkSnippets();
        checkTable?.();
      },
      refusals,
    };
  };
}

function allWith(sign: string, names: readonly string[]): readonly string[] {
  if (sign === "") return names;
  const signed: string[] = [];
  for (const name of names) signed.push(sign + name);
  return signed;
}

function partsByName(tables: Readonly<Record<string, TablePrefixes>>, partsOf: PartsOf): LuaMap<string, RewriteParts> {
  const byName = new LuaMap<string, RewriteParts>();
  for (const [name] of pairs(tables)) byName.set(name, partsOf(name));
  return byName;
}

/** A pool of a table that is no longer there may still be wanted, from before a reload. */
function poolFinder(parts: RewriteParts, tables: LuaMap<string, RewriteParts> | undefined): FindPool {
  return (wanted) => {
    const [table, name] = splitPoolName(wanted);
    const own = table === undefined ? parts : tables?.get(table);
    if (own === undefined) return undefined;
    const [answer] = own.lookUpPool(name);
    const plan = answer?.compiled.value;
    return plan?.kind === "backends" ? plan : undefined;
  };
}

/** How much memory a worker's compiled routes may take for each host of `memory_size`, and its pools as much again. */
const COMPILED_BYTES = 4096;

/** @returns 32 bits, other ones in each worker: those of a node would otherwise all begin with the same backend. */
function seed(): number {
  return ngx.crc32_long(`${ngx.now()} ${ngx.worker.pid()} ${tostring({})}`);
}

/** A look-up, and its like for where nothing may wait. */
interface LookUps {
  readonly lookUp: LookUp<Plan>;
  readonly recall: Recall<Plan>;
}

/** @returns what makes look-ups: each with a memory of its own, on what the node has. For `sign` see `Levels`. */
function lookUpsOf(
  node: Node,
): (this: void, sign: string, namesOf: Levels<Plan>["namesOf"], compile: Planner) => LookUps {
  const { settings, flights, shared, ledger } = node;
  const refreshSoon = refresher(flights.readUnlimited, (name) => isStale(node, name), runSoon, breathe);
  return (sign, namesOf, compile) => {
    const levels: Levels<Plan> = {
      sign,
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
    };
    return { lookUp: lookUpThrough(levels), recall: recallFrom(levels) };
  };
}

/** Pools whose members are to be checked are, as long as requests use them. */
function whenUsed(zones: Zones, sign: string): (this: void, poolName: string, pool: Pool) => void {
  const want = wantChecks(zones.state, ngx.now, sign);
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

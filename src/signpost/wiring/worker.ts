import { new as newLru } from "resty.lrucache";
import { LookUps } from "../cache/build";
import { compileOnce } from "../cache/compiled";
import { Remembered } from "../cache/lookup";
import { KeySpace, POOLS, ROUTES, TablePrefixes } from "../redis/key_spaces";
import { beginningOf, splitTable } from "../redis/keys";
import { repeatInBackground, watchTimers } from "../platform/background";
import { PeriodicTask, periodicTasksOf, FindPool } from "./periodic_tasks";
import { files } from "../platform/files";
import { log } from "../platform/log";
import { buildSharedParts, keysOf, nodeStateIn, SharedParts, reachOf } from "./shared_parts";
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

/** The parts of one nginx worker, built once from the settings and the outside world. */
export interface Worker {
  readonly health: Health;
  /** The balancer phase that this nginx needs. */
  readonly balance: typeof balanceRequest;
  /** What requests of the default table need. */
  readonly parts: RewriteParts;
  /** What requests of each further table need, by name; absent if there are none. */
  readonly tables: LuaMap<string, RewriteParts> | undefined;
  /** The background tasks. */
  readonly periodicTasks: readonly PeriodicTask[];
}

/**
 * Fills the shared dicts from the settings' files, so that their records are served from the first request on. Runs
 * before there are workers. Raises if there is no Redis and the routes file cannot be read: nginx then does not start.
 */
export function fillFromFiles(settings: Settings, zones: Zones): void {
  const { records, state } = zones;
  const reading = { files, log, keys: keysOf(settings), hash: ngx.crc32_short, reach: reachOf(settings) };
  const nodeState = nodeStateIn(zones, settings);
  const parts = { reading, records, state, nodeState, now: ngx.now };
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
  nodeState.prepare();
}

/**
 * Builds a worker's parts. Raises if there is no memory for its cache; nginx then logs it and the worker ends.
 * @param generation see `newGeneration`
 */
export function buildWorker(settings: Settings, zones: Zones, generation: number): Worker {
  const sharedParts = buildSharedParts(settings, zones, generation);
  const isKeptByLua = isRetryTakenBack() && settings.upstream_block === KEEPING;
  const partsOf = tableBuilder(sharedParts, isKeptByLua ? FRESH : settings.upstream_block);
  const parts = partsOf(undefined);
  const tables = settings.tables !== undefined ? partsByName(settings.tables, partsOf) : undefined;
  return {
    health: sharedParts.health,
    balance: isKeptByLua ? balancerOfKept(settings.keepalive_timeout) : balanceRequest,
    parts,
    tables,
    periodicTasks: periodicTasksOf(sharedParts, poolFinder(parts, tables)),
  };
}

/** @param table its name; nothing: the default one */
type PartsOf = (this: void, table: string | undefined) => RewriteParts;

/**
 * Tables share everything except their routes and pools, and what a worker remembers of these.
 * @param block see `RewriteParts`
 */
function tableBuilder(sharedParts: SharedParts, block: string): PartsOf {
  const { settings, zones, health } = sharedParts;
  const pools = poolMaker({ health, random: newRandom(seed()), hash: ngx.crc32_long, digest: ngx.md5 });
  const reach = reachOf(settings);
  const tellBad: TellBad = (name, reason) => {
    sharedParts.complaints.bad(name, reason, undefined);
  };
  const planRoute = plansWithin(reach, sayingBad(routePlanner(pools), tellBad), tellBad);
  const planPool = plansWithin(reach, sayingBad(poolPlanner(pools), tellBad), tellBad);
  const lookUps = lookUpMaker(sharedParts);
  const refusals = { writer: settings.refusals, retryAfter: settings.retry_after };
  const chooser = newChooser(health);
  const id = nodeId(zones.state);
  const checkSnippets = snippetCheck(zones.state, log);
  const checkTable = settings.tables === undefined ? tableCheck(log) : undefined;
  return (table) => {
    const ofHosts = lookUps(ROUTES, table, namesOfHost, planRoute);
    const ofPools = lookUps(POOLS, table, (name) => [name], planPool);
    return {
      lookUp: ofHosts.lookUp,
      lookUpPool: ofPools.lookUp,
      recall: ofHosts.recall,
      recallPool: ofPools.recall,
      health,
      choose: chooser.choose,
      giveBack: chooser.giveBack,
      used: whenUsed(zones, table),
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

/** After a reload, checks may still be wanted for a pool whose table is gone. */
function poolFinder(parts: RewriteParts, tables: LuaMap<string, RewriteParts> | undefined): FindPool {
  return (wanted) => {
    const [table, name] = splitTable(wanted);
    const own = table === undefined ? parts : tables?.get(table);
    if (own === undefined) return undefined;
    const [answer] = own.lookUpPool(name);
    const plan = answer?.compiled.value;
    return plan?.kind === "backends" ? plan : undefined;
  };
}

/** Bytes that a worker's compiled routes may take for each host of `memory_size`. Its pools may take as much again. */
const COMPILED_BYTES = 4096;

/** @returns 32 bits that differ in each worker. Otherwise all workers of a node would begin with the same backend. */
function seed(): number {
  return ngx.crc32_long(`${ngx.now()} ${ngx.worker.pid()} ${tostring({})}`);
}

/** @returns a maker of look-ups, each with a memory of its own. */
function lookUpMaker(sharedParts: SharedParts) {
  const { settings, cache } = sharedParts;
  return <P extends Plan>(
    space: KeySpace,
    table: string | undefined,
    namesOf: (this: void, subject: string) => readonly string[],
    compile: Planner<P>,
  ): LookUps<P> => {
    const sign = beginningOf(space, table);
    return cache.lookUpsOf({
      sign,
      namesOf: (subject) => allWith(sign, namesOf(subject)),
      memory: newMemory<P>(settings.memory_size),
      compiled: compileOnce(compile, settings.memory_size * COMPILED_BYTES),
    });
  };
}

/** Keeps active checks running for pools that requests use. */
function whenUsed(zones: Zones, table: string | undefined): (this: void, poolName: string, pool: Pool) => void {
  const want = wantChecks(zones.state, ngx.now, string.sub(beginningOf(POOLS, table), POOLS.sign.length + 1));
  return (name, pool) => {
    if (pool.options.healthPath !== undefined) {
      want(name);
    }
  };
}

/** @returns whether changes are pushed to this node. */
export function isTracking(settings: Settings, zones: Zones): boolean {
  return nodeStateIn(zones, settings).epochs.current() !== 0;
}

/** Seconds between two looks for log messages that were held back and must be summed up. */
const LOG_LOOK = 5;

/** Starts the background tasks. */
export function startBackground(worker: Worker): void {
  watchTimers();
  repeatInBackground(() => {
    log.flush();
    return !ngx.worker.exiting() ? LOG_LOOK : undefined;
  });
  for (const task of worker.periodicTasks) {
    repeatInBackground(task);
  }
}

function newMemory<P>(size: number) {
  const [memory, err] = newLru<Remembered<P>>(size);
  if (err !== undefined) {
    error(`signpost: resty.lrucache: ${err}`);
  }
  return memory;
}

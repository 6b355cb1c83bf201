import type { Clock, Gate, Log, RunSoon } from "../ports";
import { type ActiveState, activeState } from "./active_state";
import { type CheckSchedule, checkSchedule } from "./check_schedule";
import { type CheckedPool, checksOf, type Probe, type ProbeCheck } from "./checks";
import type { Health } from "./health";
import { hasStatus } from "../format/option_values";
import type { WantedPools } from "./wanted_checks";

/** The parts that `checker` needs. */
export interface CheckerParts {
  /** Whether this is the node's watching worker, which alone makes checks. */
  readonly isMine: (this: void) => boolean;
  readonly wanted: WantedPools;
  /** The change clock: while it stands still, no pool changes. */
  readonly changeClock: (this: void) => number;
  /** @returns the pool: the same table as before if it has not changed, nothing if there is none. May yield. */
  readonly findPool: (this: void, poolName: string) => CheckedPool | undefined;
  readonly health: Health;
  /** Runs a check in the background. */
  readonly start: RunSoon;
  readonly probe: Probe;
  readonly newGate: (this: void) => Gate;
  readonly log: Log;
  readonly now: Clock;
  readonly isExiting: (this: void) => boolean;
}

/** Seconds between looks for due checks. */
const LOOK_SECONDS = 0.1;

/** Seconds between looks while there is nothing to check, and in workers that make no checks. */
const IDLE_SECONDS = 0.5;

/**
 * How many checks may run at once. A single pool may have half as many. With a look every {@link LOOK_SECONDS}, this
 * allows 1,000 checks a second. A pool whose members do not answer is checked less often. nginx runs at most 256 timers
 * at once, including those of other modules, and each check takes one.
 */
const MOST_AT_ONCE = 100;

/** A pool and its checks. */
interface PoolChecks {
  readonly pool: CheckedPool;
  readonly checks: readonly ProbeCheck[];
}

/** State that a worker's checker keeps between two calls. */
interface Checker {
  readonly parts: CheckerParts;
  readonly schedule: CheckSchedule<ProbeCheck>;
  readonly active: ActiveState;
  /** For each running check, the gate that ends it when opened. */
  readonly stops: LuaMap<ProbeCheck, Gate>;
  pools: LuaMap<string, PoolChecks>;
  /** The names of the pools that are checked. Undefined while this worker makes no checks. */
  names: readonly string[] | undefined;
  /** The value of the change clock when the pools were found. */
  clock: number;
}

/**
 * Checks the members of the pools that requests use, in one worker of the node.
 *
 * @returns a periodic task. It returns the seconds until its next call, or nothing if the worker is exiting.
 */
export function checker(parts: CheckerParts): (this: void) => number | undefined {
  const state: Checker = {
    parts,
    schedule: checkSchedule<ProbeCheck>(parts.now, MOST_AT_ONCE),
    active: activeState(parts.health),
    stops: new LuaMap(),
    pools: new LuaMap(),
    names: undefined,
    clock: 0,
  };
  return () => {
    if (parts.isExiting()) {
      stopChecking(state);
      return undefined;
    }
    if (!parts.isMine()) {
      stopChecking(state);
      return IDLE_SECONDS;
    }
    const wanted = parts.wanted.names();
    followPools(state, wanted);
    for (const check of state.schedule.begin()) begin(state, check);
    return wanted.length === 0 ? IDLE_SECONDS : LOOK_SECONDS;
  };
}

/**
 * Stops all checks and forgets the pools. Another worker makes the checks from now on, and what this one knows will be
 * outdated when it makes checks again.
 */
function stopChecking(state: Checker): void {
  if (state.names === undefined) return;
  state.names = undefined;
  state.parts.wanted.forget();
  state.pools = new LuaMap();
  plan(state, []);
}

/** Makes these checks from now on, and no others. Other checks that are running end at once. */
function plan(state: Checker, checks: readonly ProbeCheck[]): void {
  for (const dropped of state.schedule.update(checks)) state.stops.get(dropped)?.open();
  state.active.keep(checks);
}

/** Plans the checks again if the pools have changed. */
function followPools(state: Checker, wanted: readonly string[]): void {
  const clock = state.parts.changeClock();
  if (wanted === state.names && clock === state.clock) return;
  const haveChanged = findPools(state, wanted);
  if (haveChanged || wanted !== state.names) plan(state, allChecks(state.pools));
  state.names = wanted;
  state.clock = clock;
}

/** @returns whether a pool has changed. */
function findPools(state: Checker, wanted: readonly string[]): boolean {
  const found = new LuaMap<string, PoolChecks>();
  let haveChanged = false;
  for (const name of wanted) {
    const before = state.pools.get(name);
    const pool = state.parts.findPool(name);
    if (before?.pool !== pool) haveChanged = true;
    if (pool !== undefined) found.set(name, before?.pool === pool ? before : { pool, checks: checksOf(name, pool) });
  }
  state.pools = found;
  return haveChanged;
}

function allChecks(pools: ReadonlyLuaMap<string, PoolChecks>): readonly ProbeCheck[] {
  const all: ProbeCheck[] = [];
  for (const [, { checks }] of pools) append(all, checks);
  return all;
}

function append(all: ProbeCheck[], checks: readonly ProbeCheck[]): void {
  for (const check of checks) all.push(check);
}

function begin(state: Checker, check: ProbeCheck): void {
  const stop = state.parts.newGate();
  state.stops.set(check, stop);
  // nginx has no free timer. That says nothing about the peer, and the check gets another turn.
  if (!state.parts.start(() => run(state, check, stop))) end(state, check);
}

/** @returns false if the check was dropped meanwhile, so that its outcome is not wanted. */
function end(state: Checker, check: ProbeCheck): boolean {
  state.stops.delete(check);
  return state.schedule.ended(check);
}

function run(state: Checker, check: ProbeCheck, stop: Gate): void {
  const [done, problem] = pcall(problemOf, state.parts.probe, check, stop);
  const isWanted = end(state, check);
  // An error in our code says nothing about the peer.
  if (!done) error(problem, 0);
  if (isWanted) judge(state, check, problem);
}

/** @returns why the check failed; nothing if it passed. */
function problemOf(this: void, probe: Probe, check: ProbeCheck, stop: Gate): string | undefined {
  const [status, err, detail] = probe(check, stop);
  if (err !== undefined) return detail;
  if (!hasStatus(check.statuses, status)) return `it answered ${status}`;
  return undefined;
}

function judge(state: Checker, check: ProbeCheck, problem: string | undefined): void {
  const { log } = state.parts;
  const name = `health check of ${check.peer} (GET ${check.path})`;
  if (problem === undefined) {
    if (state.active.passed(check)) log.warn(`${name} passes again`, name);
  } else if (state.active.failed(check)) {
    log.warn(`${name} fails, and the peer is out: ${problem}`, name);
  }
}

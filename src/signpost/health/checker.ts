import type { Clock, Gate, Log, RunSoon } from "../ports";
import { activeState } from "./active_state";
import { checkSchedule } from "./check_schedule";
import { type CheckedPool, checksOf, type Probe, type ProbeCheck } from "./checks";
import type { Health } from "./health";
import { hasStatus } from "../format/option_values";
import type { WantedPools } from "./wanted_checks";

/** What checking peers takes. */
export interface CheckerParts {
  /** Whether this is the node's watching worker: only that one makes checks. */
  readonly isMine: (this: void) => boolean;
  readonly wanted: WantedPools;
  /** The change clock: while it stands still, no pool changes. */
  readonly changeClock: (this: void) => number;
  /** @returns nothing if there is no such pool; the same table for as long as the pool is the same. May yield. */
  readonly findPool: (this: void, poolName: string) => CheckedPool | undefined;
  readonly health: Health;
  /** Runs a check beside all others. */
  readonly start: RunSoon;
  readonly probe: Probe;
  readonly newGate: (this: void) => Gate;
  readonly log: Log;
  readonly now: Clock;
  readonly isExiting: (this: void) => boolean;
}

/** How often it is seen to which checks are due, seconds. */
const BEAT = 0.1;

/** The same while there is nothing to check, and in workers that do not. */
const IDLE_BEAT = 0.5;

/**
 * How many checks may be under way at once, and half as many of a single pool. Begun at each beat, that is enough for
 * 1,000 a second; a pool whose members do not answer has its own checked less often. nginx runs no more than 256 timers at
 * once, whoever's they are, and each check takes one.
 */
const MOST_AT_ONCE = 100;

/** What is checked of a pool. */
interface PoolChecks {
  readonly pool: CheckedPool;
  readonly checks: readonly ProbeCheck[];
}

/**
 * Checks the members of the pools that are used, in one worker of the node.
 *
 * @returns the checker's beat: to be called again and again, each time after as many seconds as it returns, until it
 * returns nothing because the worker is exiting
 */
export function checker(parts: CheckerParts): (this: void) => number | undefined {
  const { log } = parts;
  const schedule = checkSchedule<ProbeCheck>(parts.now, MOST_AT_ONCE);
  const active = activeState(parts.health);
  /** What ends each check that is under way. */
  const stops = new LuaMap<ProbeCheck, Gate>();
  let pools = new LuaMap<string, PoolChecks>();
  /** What `pools` goes by; no names: it goes by nothing yet. */
  let names: readonly string[] | undefined;
  let clock = 0;
  return beat;

  function beat(): number | undefined {
    if (parts.isExiting()) {
      forget();
      return undefined;
    }
    if (!parts.isMine()) {
      forget();
      return IDLE_BEAT;
    }
    const wanted = parts.wanted.names();
    follow(wanted);
    for (const check of schedule.begin()) begin(check);
    return wanted.length === 0 ? IDLE_BEAT : BEAT;
  }

  /** Another worker checks from now on: when this one does so again, what it knows now is old. */
  function forget(): void {
    if (names === undefined) return;
    names = undefined;
    parts.wanted.forget();
    pools = new LuaMap();
    plan([]);
  }

  /** Makes these checks from now on, and no others: those under way that are not among them end at once. */
  function plan(checks: readonly ProbeCheck[]): void {
    for (const dropped of schedule.update(checks)) stops.get(dropped)?.open();
    active.keep(checks);
  }

  /** Sees to it that what is checked is what the pools say. */
  function follow(wanted: readonly string[]): void {
    const time = parts.changeClock();
    if (wanted === names && time === clock) return;
    if (findPools(wanted) || wanted !== names) plan(allChecks());
    names = wanted;
    clock = time;
  }

  /** @returns whether any has changed. */
  function findPools(wanted: readonly string[]): boolean {
    const found = new LuaMap<string, PoolChecks>();
    let isNews = false;
    for (const name of wanted) {
      const before = pools.get(name);
      const pool = parts.findPool(name);
      if (before?.pool !== pool) isNews = true;
      if (pool !== undefined) found.set(name, before?.pool === pool ? before : { pool, checks: checksOf(name, pool) });
    }
    pools = found;
    return isNews;
  }

  function allChecks(): readonly ProbeCheck[] {
    const all: ProbeCheck[] = [];
    for (const [, { checks }] of pools) append(all, checks);
    return all;
  }

  function begin(check: ProbeCheck): void {
    const stop = parts.newGate();
    stops.set(check, stop);
    // Without a timer for it, nothing is known of the peer; the check has its next turn.
    if (!parts.start(() => run(check, stop))) end(check);
  }

  /** @returns whether anybody still asks how it went. */
  function end(check: ProbeCheck): boolean {
    stops.delete(check);
    return schedule.ended(check);
  }

  function run(check: ProbeCheck, stop: Gate): void {
    let problem: string | undefined;
    const [done, raised] = pcall(() => {
      problem = problemOf(check, stop);
    });
    const isStillWanted = end(check);
    // What went wrong here says nothing of the peer.
    if (!done) error(raised, 0);
    if (isStillWanted) judge(check, problem);
  }

  /** @returns why the peer is not well. */
  function problemOf(check: ProbeCheck, stop: Gate): string | undefined {
    const [status, err, detail] = parts.probe(check, stop);
    if (err !== undefined) return detail;
    if (!hasStatus(check.statuses, status)) return `it answered ${status}`;
    return undefined;
  }

  function judge(check: ProbeCheck, problem: string | undefined): void {
    const name = nameOf(check);
    if (problem === undefined) {
      if (active.passed(check)) log.warn(`${name} passes again`, name);
    } else if (active.failed(check)) {
      log.warn(`${name} fails, and the peer is out: ${problem}`, name);
    }
  }
}

function append(all: ProbeCheck[], checks: readonly ProbeCheck[]): void {
  for (const check of checks) all.push(check);
}

function nameOf(check: ProbeCheck): string {
  return `health check of ${check.peer} (GET ${check.path})`;
}

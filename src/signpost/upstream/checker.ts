import type { Clock, Log, RunSoon } from "../ports";
import { activeState } from "./active_state";
import { checkSchedule } from "./check_schedule";
import { checksOf, type Probe, type ProbeCheck } from "./checks";
import type { Health } from "./health";
import { hasStatus } from "./option_values";
import type { PoolSpec } from "./pool_spec";
import type { WantedPools } from "./wanted_checks";

/** What checking peers takes. */
export interface CheckerParts {
  /** Whether this is the node's watching worker: only that one makes checks. */
  readonly isMine: (this: void) => boolean;
  readonly wanted: WantedPools;
  /** The change clock: while it stands still, no pool changes. */
  readonly changeClock: (this: void) => number;
  /** @returns nothing if there is no such pool; the same table for as long as the pool is the same. May yield. */
  readonly findSpec: (this: void, poolName: string) => PoolSpec | undefined;
  readonly health: Health;
  /** Runs a check beside all others. */
  readonly start: RunSoon;
  readonly probe: Probe;
  readonly log: Log;
  readonly now: Clock;
  readonly isExiting: (this: void) => boolean;
}

/** How often it is seen to which checks are due, seconds. */
const BEAT = 0.1;

/** The same while there is nothing to check, and in workers that do not. */
const IDLE_BEAT = 0.5;

/**
 * How many checks may be under way at once. Begun at each beat, that is enough for 500 a second; peers that do not answer
 * make it less, and then all are checked less often. nginx runs no more than 256 timers at once, and each takes one.
 */
const MOST_AT_ONCE = 50;

/** What is checked of a pool. */
interface CheckedPool {
  readonly spec: PoolSpec;
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
  let pools = new LuaMap<string, CheckedPool>();
  /** What `pools` goes by; no names: it goes by nothing yet. */
  let names: readonly string[] | undefined;
  let clock = 0;
  return beat;

  function beat(): number | undefined {
    if (parts.isExiting()) return undefined;
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
    schedule.update([]);
    active.keep([]);
  }

  /** Sees to it that what is checked is what the pools say. */
  function follow(wanted: readonly string[]): void {
    const time = parts.changeClock();
    if (wanted === names && time === clock) return;
    if (findPools(wanted) || wanted !== names) {
      const checks = allChecks();
      schedule.update(checks);
      active.keep(checks);
    }
    names = wanted;
    clock = time;
  }

  /** @returns whether any has changed. */
  function findPools(wanted: readonly string[]): boolean {
    const found = new LuaMap<string, CheckedPool>();
    let isNews = false;
    for (const name of wanted) {
      const before = pools.get(name);
      const spec = parts.findSpec(name);
      if (before?.spec !== spec) isNews = true;
      if (spec !== undefined) found.set(name, before?.spec === spec ? before : { spec, checks: checksOf(spec) });
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
    // Without a timer for it, nothing is known of the peer; the check has its next turn.
    if (!parts.start(() => run(check))) schedule.ended(check);
  }

  function run(check: ProbeCheck): void {
    let problem: string | undefined;
    const [done, raised] = pcall(() => {
      problem = problemOf(check);
    });
    const isStillWanted = schedule.ended(check);
    // What went wrong here says nothing of the peer.
    if (!done) error(raised, 0);
    if (isStillWanted) judge(check, problem);
  }

  /** @returns why the peer is not well. */
  function problemOf(check: ProbeCheck): string | undefined {
    const [status, err, detail] = parts.probe(check);
    if (err !== undefined) return detail;
    return hasStatus(check.statuses, status) ? undefined : `it answered ${status}`;
  }

  function judge(check: ProbeCheck, problem: string | undefined): void {
    if (problem === undefined) {
      if (active.passed(check)) log.warn(`${nameOf(check)} passes again`);
    } else if (active.failed(check)) {
      log.warn(`${nameOf(check)} fails, and the peer is out: ${problem}`);
    }
  }
}

function append(all: ProbeCheck[], checks: readonly ProbeCheck[]): void {
  for (const check of checks) all.push(check);
}

function nameOf(check: ProbeCheck): string {
  return `health check of ${check.peer} (GET ${check.path})`;
}

import type { Clock, SafeDict } from "../ports";
import { isWithin } from "../state/elapsed";
import { STATE_KEYS } from "../state/keys";

/**
 * Keeps active checks running for pools that requests use. Each worker reports the pools that its requests use, in a
 * list in the state dict. The watching worker makes the checks, and remembers these pools for a while. It leaves their
 * names to its successor in a second list, because workers do not soon report the same name again.
 * @noSelf
 */
export interface WantedPools {
  /**
   * Takes in what workers have reported since the last call. The first call also takes in what the last watching worker
   * has left.
   * @returns the pools that were reported or left within the last minute: the same table as before if the names are the
   * same
   */
  names(): readonly string[];
  /** Forgets the names, because another worker is the watching worker now. */
  forget(): void;
}

/** The list of the pools that workers report. */
const REPORTED = STATE_KEYS.wanted;

/** The list of the pools that the watching worker leaves to its successor. */
const LEFT = STATE_KEYS.wantedHeard;

/** How often a worker reports the same pool, seconds. */
const REPORT_SECONDS = 20;

/** How long a pool is checked after its last report, seconds. */
const KEPT_SECONDS = 60;

/** The approximate maximum length of the list of reports while no worker takes names off it. */
const MOST_REPORTS = 1000;

/**
 * @returns a function that reports that a pool with checks is used. It may be called for each request: except once in
 * 20 s, it only looks into a set. If there is no room for a report, a later request makes it.
 * @param sign what the cache's names of this table's pools begin with, after their `@`; see `Keys`
 */
export function wantChecks(state: SafeDict, now: Clock, sign = ""): (this: void, poolName: string) => void {
  // Replaced as a whole, so that removed pools take no room.
  let reported = new LuaSet<string>();
  let reportedSince = now();
  return (poolName) => {
    const time = now();
    if (!isWithin(REPORT_SECONDS, reportedSince, time)) {
      reported = new LuaSet();
      reportedSince = time;
    }
    if (!reported.has(poolName) && report(state, sign + poolName)) reported.add(poolName);
  };
}

/** For the watching worker only. Any other worker would take away the names that the watching worker needs. */
export function wantedPools(state: SafeDict, now: Clock): WantedPools {
  let reportedAt = new LuaMap<string, number>();
  let names: readonly string[] = [];
  let hasSucceeded = false;

  /** @returns whether the list had new names. */
  const takeIn = (list: string, time: number) => {
    let isNews = false;
    const [length] = state.llen(list);
    // Take only as many as there are now, so that this loop ends while workers continue to report.
    for (const _ of $range(1, length ?? 0)) {
      const [taken] = state.lpop(list);
      if (taken === undefined) break;
      const name = tostring(taken);
      if (!reportedAt.has(name)) isNews = true;
      reportedAt.set(name, time);
    }
    return isNews;
  };

  /** @returns whether there were old names. */
  const dropOld = (time: number) => {
    let wereAny = false;
    for (const [name, last] of reportedAt) {
      if (!isWithin(KEPT_SECONDS, last, time)) {
        reportedAt.delete(name);
        wereAny = true;
      }
    }
    return wereAny;
  };

  return {
    names: () => {
      const time = now();
      const wereLeft = !hasSucceeded && takeIn(LEFT, time);
      hasSucceeded = true;
      const wereReported = takeIn(REPORTED, time);
      if (dropOld(time) || wereReported || wereLeft) {
        names = namesIn(reportedAt);
        leave(state, names);
      }
      return names;
    },

    forget: () => {
      reportedAt = new LuaMap();
      names = [];
      hasSucceeded = false;
    },
  };
}

/** Leaves these names to a successor, and removes the names left before. */
function leave(state: SafeDict, names: readonly string[]): void {
  state.delete(LEFT);
  for (const name of names) {
    state.rpush(LEFT, name); // dropped: without room for it, a worker reports the name to the successor later
  }
}

/** @returns false if there is no room. */
function report(state: SafeDict, poolName: string): boolean {
  const [length] = state.llen(REPORTED);
  if (length !== undefined && length >= MOST_REPORTS) return false;
  const [added] = state.rpush(REPORTED, poolName);
  return added !== undefined;
}

function namesIn(reportedAt: LuaMap<string, number>): readonly string[] {
  const names: string[] = [];
  for (const [name] of reportedAt) names.push(name);
  return names;
}

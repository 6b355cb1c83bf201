import type { Clock } from "../ports";
import {
  countFailure,
  isOutIn,
  lastOutage,
  newRecord,
  noteOutage,
  parseRecord,
  printRecord,
  standingOf,
  type StandingRecord,
} from "./standing_record";
import type { StandingStore } from "./standing_store";

/** When a peer is taken out, and for how long. */
export interface HealthRules {
  /** This many failures take the peer out. 0: failures never take it out. */
  readonly maxFails: number;
  /** Failures count if they all happen within this many seconds, more than 0. */
  readonly failWindow: number;
  /** The peer is out for this many seconds, more than 0, and twice as long each further time. */
  readonly failTimeout: number;
}

/**
 * `out`: requests use the peer only if no other is left. `due`: it was out for long enough, and one request may try it.
 */
export type Standing = "up" | "out" | "due";

/**
 * Holds the health of peers by health key (`standing_rules.ts`). All workers of the node share it, and so do all pools
 * that judge by the same rules.
 *
 * A request uses it as follows. While all peers of its pool are up (`rememberAllUp`), it asks nothing. Otherwise it
 * picks a peer that is not `out`. If that peer is `due`, the request must claim the trial; if it cannot, it picks
 * again. If no other peer is left, it tries a peer that is out. It then reports a success as that of a trial, and a
 * failure as that of any request.
 *
 * @noSelf
 */
export interface Health {
  /** Reads how the peer stands. Changes nothing. */
  standing(key: string): Standing;
  /**
   * Claims the trial of a peer that is due, for one request of all workers. Report its outcome by `succeeded`,
   * `trialFailed` or `trialUnused`. The claim of a trial that is never reported ends after as long as the peer was out.
   * @returns false if another request has or had the trial; the peer may be up by now
   */
  claimTrial(key: string, rules: HealthRules): boolean;
  /** A request that was not a trial failed. If the peer has been taken out meanwhile, the failure does not count. */
  failed(key: string, rules: HealthRules): void;
  /** The trial's request never reached the peer. Another request may try it. */
  trialUnused(key: string): void;
  /** The trial failed: the peer stays out, twice as long. */
  trialFailed(key: string, rules: HealthRules): void;
  /** A trial, or enough checks, succeeded: the peer is up. Other successes need not be reported. */
  succeeded(key: string): void;
  /** Takes the peer out, or keeps it out, for this many seconds (more than 0) from now. Failed checks call it. */
  holdOut(key: string, seconds: number): void;
}

/** The parts that `newHealth` needs. */
export interface HealthParts {
  readonly store: StandingStore;
  /**
   * Runs a task, which must not yield, while no other worker runs one for the same place. False: the task did not run.
   */
  readonly alone: (this: void, place: string, task: (this: void) => void) => boolean;
  readonly now: Clock;
  /** Moves the change clock. Called when a peer has gone out or come back. */
  readonly changed: (this: void) => void;
}

/** The longest time that failed requests take a peer out for, as a multiple of `failTimeout`. */
const LONGEST = 16;

/** How long after its end an outage is remembered if no request tries the peer, seconds. */
const MEMORY = 600;

/**
 * After this many seconds without news, the record of a peer that is out is dropped, because the peer may have left.
 */
const LONGEST_OUT = 86_400;

/**
 * Each peer has one record. A change replaces the whole record while its place is locked, so changes of two workers
 * never mix. Reading takes no lock.
 *
 * The lock ends by itself (see `RunAlone`), so a worker that is killed while it holds the lock blocks no other. If a
 * worker is only suspended there, for longer than the lock lasts, its change may replace another worker's change of the
 * same peer. Then a second request may get the trial; or some failures are not counted; or the peer is wrongly out or
 * up, until the trial that caused it ends or the usual number of failures has been counted again. No such error lasts,
 * and no other peer is affected.
 */
export function newHealth(parts: HealthParts): Health {
  const { store, alone, now, changed } = parts;
  /** @param change returns whether the peer has gone out or come back. */
  const edit = (key: string, change: (record: StandingRecord, text: string | undefined) => boolean) => {
    let isNews = false;
    const task = () => {
      const text = store.get(key);
      const record = text === undefined ? newRecord() : parseRecord(text);
      isNews = change(record, text);
      keep(store, key, record, now());
    };
    // A place that stays locked was locked by a worker that was killed. A change that may mix with another is better
    // than none.
    if (!alone(store.placeOf(key), task)) task();
    if (isNews) changed();
  };

  return {
    standing: (key) => {
      const text = store.get(key);
      return text === undefined ? "up" : standingOf(text, now());
    },

    claimTrial: (key, rules) => {
      let isClaimed = false;
      edit(key, (record, text) => {
        isClaimed = text !== undefined && standingOf(text, now()) === "due";
        if (isClaimed) claim(record, rules, now());
        return false;
      });
      return isClaimed;
    },

    trialUnused: (key) => {
      edit(key, (record) => {
        record.claimSeconds = 0;
        return false;
      });
    },

    failed: (key, rules) => {
      const text = store.get(key);
      if (rules.maxFails === 0 || (text !== undefined && isOutIn(text))) return;
      edit(key, (record) => !record.isOut && fail(record, rules, now()));
    },

    trialFailed: (key, rules) => {
      edit(key, (record) => {
        // The peer is up: this trial took so long that another one succeeded meanwhile.
        if (!record.isOut) return rules.maxFails > 0 && fail(record, rules, now());
        rest(record, rules, now());
        return false;
      });
    },

    succeeded: (key) => {
      edit(key, (record) => record.isOut && comeBack(record, now()));
    },

    holdOut: (key, seconds) => {
      edit(key, (record) => {
        const wasUp = !record.isOut;
        record.isOut = true;
        record.restedAt = now();
        record.restSeconds = seconds;
        return wasUp;
      });
    },
  };
}

function claim(record: StandingRecord, rules: HealthRules, time: number): void {
  record.claimedAt = time;
  record.claimSeconds = lastOutage(record, time) ?? rules.failTimeout;
}

/** @returns whether this failure takes the peer out, which was up */
function fail(record: StandingRecord, rules: HealthRules, time: number): boolean {
  if (!countFailure(record, rules, time)) return false;
  record.isOut = true;
  rest(record, rules, time);
  return true;
}

/** Takes the peer out from now on, for its usual time or for twice as long as last time, up to the limit. */
function rest(record: StandingRecord, rules: HealthRules, time: number): void {
  const last = lastOutage(record, time) ?? 0;
  const { failTimeout } = rules;
  const seconds = math.max(failTimeout, math.min(2 * last, LONGEST * failTimeout));
  record.restedAt = time;
  record.restSeconds = seconds;
  record.claimSeconds = 0;
  noteOutage(record, seconds, seconds + MEMORY, time);
}

/** Remembers the outage for as long as it took. A peer that goes out again within that time is out for longer. */
function comeBack(record: StandingRecord, time: number): boolean {
  const last = lastOutage(record, time);
  if (last !== undefined) noteOutage(record, last, last, time);
  record.isOut = false;
  record.restSeconds = 0;
  record.claimSeconds = 0;
  return true;
}

/** Stores the record for as long as it matters. */
function keep(store: StandingStore, key: string, record: StandingRecord, time: number): void {
  const seconds = record.isOut ? LONGEST_OUT : usefulSeconds(record, time);
  if (seconds > 0) {
    store.put(key, printRecord(record), seconds); // dropped: without room the peer counts as up
  } else {
    store.remove(key);
  }
}

/** Seconds for which the record of a peer that is up can still matter. */
function usefulSeconds(record: StandingRecord, time: number): number {
  const { outageAt, outageMemory, failures, windowSeconds } = record;
  return math.max(outageAt + outageMemory - time, failures.length === 0 ? 0 : windowSeconds);
}

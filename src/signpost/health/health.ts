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
  /** So many failures take it out; 0: none ever do. */
  readonly maxFails: number;
  /** They count if they all happen within so many seconds, more than 0. */
  readonly failWindow: number;
  /** It is out for so many seconds, more than 0, and for twice as long each further time. */
  readonly failTimeout: number;
}

/** `out`: no request may have it. `due`: it was out for long enough, and one request may try it. */
export type Standing = "up" | "out" | "due";

/**
 * What is known of peers' health, by their health keys (`standing_rules.ts`): one knowledge for all workers of the node,
 * and for all pools that judge by the same rules.
 *
 * The way of a request: while all its pool's peers are up (`rememberAllUp`) there is nothing to ask. Otherwise it may be
 * given those that do not stand `out`, and of the picked one, if it stands `due`, it must win the trial; if it does not,
 * it picks again. Of a peer that is tried although it is out, because no other is left, a success is reported as that of
 * a trial, a failure as that of any request.
 *
 * @noSelf
 */
export interface Health {
  /** Changes nothing. */
  standing(key: string): Standing;
  /**
   * Asks to be the one request, of all workers, that tries a peer that is due. To be followed by `succeeded` or
   * `trialFailed`; a trial that is never reported frees itself after as long as the peer was out.
   * @returns false: another request has it, or had it, and the peer may be up by now
   */
  claimTrial(key: string, rules: HealthRules): boolean;
  /** A request that was not a trial failed. What was under way when the peer was taken out no longer counts. */
  failed(key: string, rules: HealthRules): void;
  /** The trial came to nothing: the request never reached the peer. Another may try it. */
  trialUnused(key: string): void;
  /** The peer stays out, twice as long. */
  trialFailed(key: string, rules: HealthRules): void;
  /** A trial succeeded, or enough checks: the peer is up. Other successes need not be reported. */
  succeeded(key: string): void;
  /** Takes the peer out, or keeps it out, for so many seconds (more than 0) from now: what failed checks do. */
  holdOut(key: string, seconds: number): void;
}

/** What health is kept with. */
export interface HealthParts {
  readonly store: StandingStore;
  /** Runs a task that does not yield while no other worker runs one for the same place. False: it did not run. */
  readonly alone: (this: void, place: string, task: (this: void) => void) => boolean;
  readonly now: Clock;
  /** Moves the change clock: a peer has gone out or come back. */
  readonly changed: (this: void) => void;
}

/** No peer is out for longer than so many times its `failTimeout`. */
const LONGEST = 16;

/** How long an outage is remembered of a peer that nobody tries, seconds. */
const MEMORY = 600;

/** After so many seconds without news an outage is forgotten: the peer may have left, and its record with it. */
const LONGEST_OUT = 86_400;

/**
 * Each peer has one record, which is changed as a whole while its place is locked: so no two workers' changes mix. What
 * only reads takes no lock.
 *
 * The lock ends by itself (see `RunAlone`), so that a worker that is killed while it holds it stops nobody. If a worker
 * is only stopped there, and for longer than that, its change may replace another's of the same peer. Then one more request
 * than one may get the trial; or some failures are not counted; or the peer is out or up wrongly, until the trial that
 * caused it ends or as many failures as usual have been counted again. Nothing lasts, and no other peer is touched.
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
    // A place that stays locked was left so by a worker that was killed: rather a change that mixes than none.
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
        // Up: this trial took so long that another came in between, and succeeded.
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

/** @returns whether the peer, which was up, is out with this failure */
function fail(record: StandingRecord, rules: HealthRules, time: number): boolean {
  if (!countFailure(record, rules, time)) return false;
  record.isOut = true;
  rest(record, rules, time);
  return true;
}

/** From now on the peer is out for its usual time, or for twice as long as last time. */
function rest(record: StandingRecord, rules: HealthRules, time: number): void {
  const last = lastOutage(record, time) ?? 0;
  const { failTimeout } = rules;
  const seconds = math.max(failTimeout, math.min(2 * last, LONGEST * failTimeout));
  record.restedAt = time;
  record.restSeconds = seconds;
  record.claimSeconds = 0;
  noteOutage(record, seconds, seconds + MEMORY, time);
}

/** The outage is remembered for as long as it took: a peer that does not last goes on where it was. */
function comeBack(record: StandingRecord, time: number): boolean {
  const last = lastOutage(record, time);
  if (last !== undefined) noteOutage(record, last, last, time);
  record.isOut = false;
  record.restSeconds = 0;
  record.claimSeconds = 0;
  return true;
}

/** Stores the record for as long as it says anything. */
function keep(store: StandingStore, key: string, record: StandingRecord, time: number): void {
  const seconds = record.isOut ? LONGEST_OUT : usefulSeconds(record, time);
  if (seconds > 0) {
    store.put(key, printRecord(record), seconds); // dropped: without room the peer counts as up
  } else {
    store.remove(key);
  }
}

/** For how long the record of a peer that is up can still matter. */
function usefulSeconds(record: StandingRecord, time: number): number {
  const { outageAt, outageMemory, failures, windowSeconds } = record;
  return math.max(outageAt + outageMemory - time, failures.length === 0 ? 0 : windowSeconds);
}

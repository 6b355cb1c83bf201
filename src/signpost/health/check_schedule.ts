import type { Clock } from "../ports";

/** A check that a pool requests for one of its peers. */
export interface Check {
  /** The peer's health key. Pools that request the same check of the same peer share one check. */
  readonly id: string;
  /** The pool that requests the check. */
  readonly pool: string;
  /** The peer's name. */
  readonly peer: string;
  /** Seconds from one check to the next. */
  readonly interval: number;
  /** Seconds a check may take. */
  readonly timeout: number;
  /** Successes in a row that bring back a peer that is out. */
  readonly rise: number;
  /** Failures in a row that take a peer out. */
  readonly fall: number;
}

/**
 * Decides when checks are made: each once per interval, spread evenly over it, and not too many at once. A check that
 * takes longer than its interval is due again when it ends.
 *
 * A pool may begin a check only while it has fewer checks running than there are free places. So if n pools have
 * members that never answer, each takes 1/(n + 1) of the places, and the same share is left for all other pools
 * together.
 * @noSelf
 */
export interface CheckSchedule<C extends Check> {
  /**
   * Sets all checks to make from now on. Checks that were known before keep their turns. Checks that are not in the
   * list are dropped.
   * @returns the running checks that no pool requests any longer
   */
  update(checks: readonly C[]): readonly C[];
  /**
   * @returns the checks to begin now, the longest overdue first. None of them is running, and they are no more than may
   * run at once. A missed turn is not made up for.
   */
  begin(): readonly C[];
  /**
   * Must be called once each check that was begun has ended, whatever its outcome.
   * @returns false if the check was dropped meanwhile, so that its outcome is not wanted
   */
  ended(check: C): boolean;
}

/** A check and the time of its next turn. */
interface Planned<C> {
  check: C;
  /** The pools that request it. */
  pools: string[];
  /** Its turn within the interval, as a fraction from 0 to 1. */
  readonly place: number;
  /** Seconds since 1970. */
  dueAt: number;
  /** The check as it was begun, while it runs. */
  running: C | undefined;
}

/**
 * The step of the golden-ratio sequence. Turns that are this fraction of the interval apart divide it evenly, whatever
 * their number. So no turn has to move when checks come or go.
 */
const GOLDEN = (math.sqrt(5) - 1) / 2;

/** @param most how many checks may run at once */
export function checkSchedule<C extends Check>(now: Clock, most: number): CheckSchedule<C> {
  let plan = new LuaMap<string, Planned<C>>();
  let nextPlace = 0;
  const places = newPlaces<C>(most);

  const newPlan = (check: C): Planned<C> => {
    nextPlace = (nextPlace + GOLDEN) % 1;
    const dueAt = firstTurn(nextPlace, check.interval, now());
    return { check, pools: [], place: nextPlace, dueAt, running: undefined };
  };

  return {
    update: (checks) => {
      const before = plan;
      plan = new LuaMap();
      for (const check of checks) {
        const planned = plan.get(check.id);
        if (planned === undefined) {
          const kept = before.get(check.id) ?? newPlan(check);
          kept.check = check;
          kept.pools = [check.pool];
          plan.set(check.id, kept);
        } else {
          planned.pools.push(check.pool);
        }
      }
      return droppedRunning(before, plan);
    },

    begin: () => {
      const time = now();
      const begun: C[] = [];
      for (const planned of duePlans(plan, time, places)) {
        const { check, pools } = planned;
        if (places.take(check, pools)) {
          planned.running = check;
          planned.dueAt = nextTurn(planned, time);
          begun.push(check);
        }
      }
      return begun;
    },

    ended: (check) => {
      places.giveBack(check);
      const planned = plan.get(check.id);
      if (planned?.running !== check) return false;
      planned.running = undefined;
      return true;
    },
  };
}

/** The places that running checks take. */
interface Places<C> {
  /** Whether one of these pools may have one more. */
  hasRoom(this: void, pools: readonly string[]): boolean;
  /** Takes a place for the first of these pools that may have one more. @returns false if none may */
  take(this: void, check: C, pools: readonly string[]): boolean;
  giveBack(this: void, check: C): void;
}

function newPlaces<C extends Check>(most: number): Places<C> {
  let free = most;
  /** The pool that each running check counts for. */
  const countedFor = new LuaMap<C, string>();
  /** The number of running checks that count for each pool. */
  const shares = new LuaMap<string, number>();

  const count = (pool: string, by: number) => {
    free -= by;
    const share = (shares.get(pool) ?? 0) + by;
    if (share > 0) shares.set(pool, share);
    else shares.delete(pool);
  };

  const firstWithRoom = (pools: readonly string[]): string | undefined => {
    for (const pool of pools) {
      if ((shares.get(pool) ?? 0) < free) return pool;
    }
    return undefined;
  };

  return {
    hasRoom: (pools) => firstWithRoom(pools) !== undefined,
    take: (check, pools) => {
      const pool = firstWithRoom(pools);
      if (pool === undefined) return false;
      count(pool, 1);
      countedFor.set(check, pool);
      return true;
    },
    giveBack: (check) => {
      count(countedFor.get(check) ?? check.pool, -1);
      countedFor.delete(check);
    },
  };
}

/** @returns the checks that are due, not running and have room, the longest overdue first */
function duePlans<C extends Check>(
  plan: ReadonlyLuaMap<string, Planned<C>>,
  time: number,
  places: Places<C>,
): readonly Planned<C>[] {
  const due: Planned<C>[] = [];
  for (const [, planned] of plan) {
    if (planned.running === undefined && isDue(planned, time) && places.hasRoom(planned.pools)) due.push(planned);
  }
  table.sort(due, (a, b) => a.dueAt < b.dueAt);
  return due;
}

function droppedRunning<C>(
  before: ReadonlyLuaMap<string, Planned<C>>,
  plan: ReadonlyLuaMap<string, Planned<C>>,
): readonly C[] {
  const dropped: C[] = [];
  for (const [id, { running }] of before) {
    if (running !== undefined && !plan.has(id)) dropped.push(running);
  }
  return dropped;
}

function isDue(planned: Planned<Check>, time: number): boolean {
  // A turn further away than the interval means that the clock was set back.
  return planned.dueAt <= time || planned.dueAt > time + planned.check.interval;
}

/** Depends on the clock alone. So turns are spread evenly, no matter when the checks became known. */
function firstTurn(place: number, interval: number, time: number): number {
  return time + ((place * interval - time) % interval);
}

/** The first turn after now that is a whole number of intervals after the last one. */
function nextTurn(planned: Planned<Check>, time: number): number {
  const { dueAt, check } = planned;
  const passed = math.floor((time - dueAt) / check.interval);
  return dueAt + (passed + 1) * check.interval;
}

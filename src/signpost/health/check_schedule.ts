import type { Clock } from "../ports";

/** Something a pool asks to have checked: a peer, and how. */
export interface Check {
  /** The peer's health key. Pools that ask for the same check of the same peer share it, and it is made once for them all. */
  readonly id: string;
  /** The pool that asks. */
  readonly pool: string;
  /** The peer's name. */
  readonly peer: string;
  /** Seconds from one check to the next. */
  readonly interval: number;
  /** Seconds a check may take. */
  readonly timeout: number;
  /** How many successes in a row bring a peer back that is out. */
  readonly rise: number;
  /** How many failures in a row take a peer out. */
  readonly fall: number;
}

/**
 * Decides when checks are made: each once an interval, spread evenly over it, and not too many at once. A check that takes
 * longer than its interval is next made when it has ended.
 *
 * No pool has more checks running than there are places left free. So n pools whose members never answer have 1/(n + 1) of
 * the places each, and as much is left for all others.
 * @noSelf
 */
export interface CheckSchedule<C extends Check> {
  /**
   * Sets all checks to make from now on. Those that were known before keep their turn. The others are dropped.
   * @returns the running checks that nobody asks for any longer
   */
  update(checks: readonly C[]): readonly C[];
  /**
   * @returns the checks to begin now, the longest overdue first: none that is running, and no more than may run at once. A
   * turn that was missed is not made up for.
   */
  begin(): readonly C[];
  /**
   * Must be called once each check that was begun has ended, however it went.
   * @returns false if the check was dropped meanwhile, so that its outcome is not wanted
   */
  ended(check: C): boolean;
}

/** A check and when it is next made. */
interface Planned<C> {
  check: C;
  /** The pools that ask for it. */
  pools: string[];
  /** Its turn within the interval, as a part of it from 0 to 1. */
  readonly place: number;
  /** Seconds since 1970. */
  dueAt: number;
  /** The check as it was begun, while it is running. */
  running: C | undefined;
}

/**
 * The step of the golden-ratio sequence: turns that lie this part of the interval apart divide it evenly, however many there
 * are. So no turn has to move when checks come or go.
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
  /** How many running checks count for a pool. */
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
  // A turn further off than the interval: the clock was set back meanwhile.
  return planned.dueAt <= time || planned.dueAt > time + planned.check.interval;
}

/** By the clock alone, so that turns are spread evenly whenever the checks became known. */
function firstTurn(place: number, interval: number, time: number): number {
  return time + ((place * interval - time) % interval);
}

/** The first turn after now that is whole intervals from the last one. */
function nextTurn(planned: Planned<Check>, time: number): number {
  const { dueAt, check } = planned;
  const passed = math.floor((time - dueAt) / check.interval);
  return dueAt + (passed + 1) * check.interval;
}

import type { Clock } from "../ports";

/** Something a pool asks to have checked: a peer, and how. */
export interface Check {
  /** The peer's health key. The same for pools that ask the same of the same peer: the check is made once for them all. */
  readonly id: string;
  /** The pool that asks. */
  readonly pool: string;
  /** The peer's name. */
  readonly peer: string;
  /** Seconds from one check to the next. */
  readonly interval: number;
  /** Seconds a check may take. */
  readonly timeout: number;
  /** So many successes in a row bring a peer that is out back. */
  readonly rise: number;
  /** So many failures in a row take it out. */
  readonly fall: number;
}

/**
 * When checks are made: each once in its interval, spread evenly over it, and not too many at once. One that takes longer
 * than its interval is next when it has ended.
 *
 * No pool has more checks under way than there are places left free. So n pools whose members never answer have
 * 1/(n + 1) of the places each, and as much is left for all others.
 * @noSelf
 */
export interface CheckSchedule<C extends Check> {
  /**
   * All there is to check from now on. What was known before keeps its turn; what is not named is dropped.
   * @returns the checks under way that nobody asks for any longer
   */
  update(checks: readonly C[]): readonly C[];
  /**
   * The checks to begin now, the longest overdue first: none that is under way, and no more than may be at once. A turn
   * that was missed is not made up for.
   */
  begin(): readonly C[];
  /**
   * Must follow each check begun, however it went.
   * @returns false: it was dropped meanwhile, and nobody asks any longer how it went
   */
  ended(check: C): boolean;
}

/** A check and when it is next. */
interface Planned<C> {
  check: C;
  /** Those that ask for it. */
  pools: string[];
  /** From 0 to 1: at which part of its interval it has its turn. */
  readonly place: number;
  /** Seconds since 1970. */
  dueAt: number;
  /** The check as it was begun, while it is under way. */
  underWay: C | undefined;
}

/** Steps of this part of a circle, however many, divide it evenly: so nobody's turn moves when others come or go. */
const GOLDEN = (math.sqrt(5) - 1) / 2;

/** @param most how many checks may be under way at once */
export function checkSchedule<C extends Check>(now: Clock, most: number): CheckSchedule<C> {
  let plan = new LuaMap<string, Planned<C>>();
  let nextPlace = 0;
  let free = most;
  /** The pool that each check under way is counted to. */
  const counted = new LuaMap<C, string>();
  /** How many checks a pool has under way. */
  const shares = new LuaMap<string, number>();

  const placed = (check: C): Planned<C> => {
    nextPlace = (nextPlace + GOLDEN) % 1;
    const dueAt = firstTurn(nextPlace, check.interval, now());
    return { check, pools: [], place: nextPlace, dueAt, underWay: undefined };
  };

  const poolWithRoom = (planned: Planned<C>): string | undefined => {
    for (const pool of planned.pools) {
      if ((shares.get(pool) ?? 0) < free) return pool;
    }
    return undefined;
  };

  const count = (pool: string, by: number) => {
    free -= by;
    const share = (shares.get(pool) ?? 0) + by;
    if (share > 0) shares.set(pool, share);
    else shares.delete(pool);
  };

  const overdue = (time: number): readonly Planned<C>[] => {
    const due: Planned<C>[] = [];
    for (const [, planned] of plan) {
      if (planned.underWay === undefined && isDue(planned, time) && poolWithRoom(planned) !== undefined) {
        due.push(planned);
      }
    }
    table.sort(due, (a, b) => a.dueAt < b.dueAt);
    return due;
  };

  return {
    update: (checks) => {
      const before = plan;
      plan = new LuaMap();
      for (const check of checks) {
        const planned = plan.get(check.id);
        if (planned === undefined) {
          const kept = before.get(check.id) ?? placed(check);
          kept.check = check;
          kept.pools = [check.pool];
          plan.set(check.id, kept);
        } else {
          planned.pools.push(check.pool);
        }
      }
      return droppedUnderWay(before, plan);
    },

    begin: () => {
      const time = now();
      const begun: C[] = [];
      for (const planned of overdue(time)) {
        const pool = poolWithRoom(planned);
        if (pool !== undefined) {
          const { check } = planned;
          count(pool, 1);
          counted.set(check, pool);
          planned.underWay = check;
          planned.dueAt = nextTurn(planned, time);
          begun.push(check);
        }
      }
      return begun;
    },

    ended: (check) => {
      count(counted.get(check) ?? check.pool, -1);
      counted.delete(check);
      const planned = plan.get(check.id);
      if (planned?.underWay !== check) return false;
      planned.underWay = undefined;
      return true;
    },
  };
}

function droppedUnderWay<C>(
  before: ReadonlyLuaMap<string, Planned<C>>,
  plan: ReadonlyLuaMap<string, Planned<C>>,
): readonly C[] {
  const dropped: C[] = [];
  for (const [id, { underWay }] of before) {
    if (underWay !== undefined && !plan.has(id)) dropped.push(underWay);
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

/** The first turn after now, of those that are whole intervals from the last. */
function nextTurn(planned: Planned<Check>, time: number): number {
  const { dueAt, check } = planned;
  const passed = math.floor((time - dueAt) / check.interval);
  return dueAt + (passed + 1) * check.interval;
}

import type { Clock } from "../ports";

/** Something a pool asks to have checked: a peer, and how. */
export interface Check {
  /** The same for checks that ask the same of the same peer: these are made once for all pools. */
  readonly id: string;
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
 * When checks are made: each once in its interval, spread evenly over it, and not too many at once.
 * @noSelf
 */
export interface CheckSchedule<C extends Check> {
  /** All there is to check from now on. What was known before keeps its turn; what is not named is dropped. */
  update(checks: readonly C[]): void;
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
  /** From 0 to 1: at which part of its interval it has its turn. */
  readonly place: number;
  /** Seconds since 1970. */
  dueAt: number;
  isUnderWay: boolean;
}

/** Steps of this part of a circle, however many, divide it evenly: so nobody's turn moves when others come or go. */
const GOLDEN = (math.sqrt(5) - 1) / 2;

/** @param most how many checks may be under way at once */
export function checkSchedule<C extends Check>(now: Clock, most: number): CheckSchedule<C> {
  let plan = new LuaMap<string, Planned<C>>();
  let nextPlace = 0;
  let underWay = 0;

  const placed = (check: C): Planned<C> => {
    nextPlace = (nextPlace + GOLDEN) % 1;
    return { check, place: nextPlace, dueAt: firstTurn(nextPlace, check.interval, now()), isUnderWay: false };
  };

  const kept = (planned: Planned<C>, check: C): Planned<C> => {
    if (check.interval !== planned.check.interval) {
      planned.dueAt = firstTurn(planned.place, check.interval, now());
    }
    planned.check = check;
    return planned;
  };

  return {
    update: (checks) => {
      const next = new LuaMap<string, Planned<C>>();
      for (const [id, check] of distinct(checks)) {
        const planned = plan.get(id);
        next.set(id, planned === undefined ? placed(check) : kept(planned, check));
      }
      plan = next;
    },

    begin: () => {
      const time = now();
      const begun: C[] = [];
      for (const planned of overdue(plan, time)) {
        if (underWay >= most) break;
        underWay += 1;
        planned.isUnderWay = true;
        planned.dueAt = nextTurn(planned, time);
        begun.push(planned.check);
      }
      return begun;
    },

    ended: (check) => {
      underWay -= 1;
      const planned = plan.get(check.id);
      if (planned === undefined) return false;
      planned.isUnderWay = false;
      return true;
    },
  };
}

/** A check that several pools ask for is made for all of them, as often as the most impatient wants. */
function distinct<C extends Check>(checks: readonly C[]): LuaMap<string, C> {
  const byId = new LuaMap<string, C>();
  for (const check of checks) {
    const other = byId.get(check.id);
    if (other === undefined || check.interval < other.interval) byId.set(check.id, check);
  }
  return byId;
}

function overdue<C extends Check>(plan: LuaMap<string, Planned<C>>, time: number): readonly Planned<C>[] {
  const due: Planned<C>[] = [];
  for (const [, planned] of plan) {
    if (!planned.isUnderWay && isDue(planned, time)) due.push(planned);
  }
  table.sort(due, (a, b) => a.dueAt < b.dueAt);
  return due;
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

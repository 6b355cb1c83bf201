import { Clock } from "../ports";

/** A name is handled at most once in so many seconds. */
const INTERVAL = 0.02;

/** So many names are remembered at most as handled lately. */
const MOST_RECENT = 2000;

/**
 * Paces what is done for each name: the first time at once, after that once an interval, and always after the last
 * time. It bounds what a key costs that is rewritten all the time.
 * @noSelf
 */
export interface Pace {
  /**
   * Asks whether a name may be handled now.
   * @returns false: it is put off, and `due` will have it
   */
  allows(name: string): boolean;
  /** Notes that a name was handled. */
  handled(name: string): void;
  /** Takes out the names that were put off and whose time has come. */
  due(): readonly string[];
  /** Takes out all names that were put off. */
  all(): readonly string[];
  /** How many names are put off. */
  waiting(): number;
}

/** Nothing depends on the clock but how long a name is put off: one that is set back ends that. */
export function newPace(now: Clock): Pace {
  // Two tables that take turns, so that no name has to be removed: each holds the names of one interval or more.
  let recent = new LuaMap<string, number>();
  let before = new LuaMap<string, number>();
  let recentSince = now();
  let recentCount = 0;
  let putOff = new LuaSet<string>();
  let count = 0;

  return {
    allows: (name) => {
      if (!isRecent(name, now())) {
        return true;
      }
      if (!putOff.has(name)) {
        putOff.add(name);
        count += 1;
      }
      return false;
    },
    handled: (name) => {
      const time = now();
      if (!isWithin(recentSince, time) || recentCount >= MOST_RECENT) {
        before = recent;
        recent = new LuaMap();
        recentSince = time;
        recentCount = 0;
      }
      recent.set(name, time);
      recentCount += 1;
    },
    due: () => {
      const time = now();
      return take((name) => !isRecent(name, time));
    },
    all: () => take(() => true),
    waiting: () => count,
  };

  function isRecent(name: string, time: number): boolean {
    const at = recent.get(name) ?? before.get(name);
    return at !== undefined && isWithin(at, time);
  }

  function take(isWanted: (this: void, name: string) => boolean): readonly string[] {
    const taken: string[] = [];
    const left = new LuaSet<string>();
    for (const name of putOff) {
      if (isWanted(name)) {
        taken.push(name);
      } else {
        left.add(name);
      }
    }
    putOff = left;
    count -= taken.length;
    return taken;
  }
}

function isWithin(since: number, time: number): boolean {
  return time >= since && time - since < INTERVAL;
}

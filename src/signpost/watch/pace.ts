import { Clock } from "../ports";
import { isWithin } from "../state/elapsed";

/** A name is handled at most once in this many seconds. */
const INTERVAL_SECONDS = 0.02;

/** The most names in each of the two tables of recently handled names. */
const MOST_RECENT = 2000;

/**
 * Limits how often each name is handled: the first time at once, then at most once per interval, and always after the
 * last change. So a key that is rewritten all the time costs a bounded number of reads.
 * @noSelf
 */
export interface Pace {
  /**
   * Asks whether a name may be handled now.
   * @returns false: the name is put off, and `due` will return it
   */
  allows(name: string): boolean;
  /** Notes that a name was handled. */
  handled(name: string): void;
  /** Takes out the names that were put off and whose interval is over. */
  due(): readonly string[];
  /** Takes out all names that were put off. */
  all(): readonly string[];
  /** @returns how many names are put off. */
  waiting(): number;
}

/** The names that were handled within the last interval, and perhaps some that were handled earlier. */
interface RecentNames {
  isRecent(this: void, name: string, time: number): boolean;
  note(this: void, name: string, time: number): void;
}

/** The clock only decides how long a name is put off. If it is set back, no name is put off any longer. */
export function newPace(now: Clock): Pace {
  const recent = recentNames(now());
  let putOff = new LuaSet<string>();
  let count = 0;

  return {
    allows: (name) => {
      if (!recent.isRecent(name, now())) return true;
      if (!putOff.has(name)) {
        putOff.add(name);
        count += 1;
      }
      return false;
    },
    handled: (name) => recent.note(name, now()),
    due: () => {
      const time = now();
      return take((name) => !recent.isRecent(name, time));
    },
    all: () => take(() => true),
    waiting: () => count,
  };

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

/**
 * Two tables take turns, so that no name has to be removed. A table is replaced after one interval or more, or when it
 * has `MOST_RECENT` names.
 */
function recentNames(begin: number): RecentNames {
  let current = new LuaMap<string, number>();
  let previous = new LuaMap<string, number>();
  let since = begin;
  let count = 0;

  return {
    isRecent: (name, time) => {
      const at = current.get(name) ?? previous.get(name);
      return at !== undefined && isWithin(INTERVAL_SECONDS, at, time);
    },
    note: (name, time) => {
      if (!isWithin(INTERVAL_SECONDS, since, time) || count >= MOST_RECENT) {
        previous = current;
        current = new LuaMap();
        since = time;
        count = 0;
      }
      current.set(name, time);
      count += 1;
    },
  };
}

import type { Clock, SafeDict } from "../ports";
import { STATE_KEYS } from "../state/keys";

/**
 * The pools whose members are checked: those that requests use. Each worker says which it sees used, by way of a list in
 * the state dict, and the watching worker, which makes the checks, remembers them for a while. In another list it leaves
 * them to its successor: workers that have said a name do not soon say it again.
 * @noSelf
 */
export interface WantedPools {
  /**
   * Takes in what workers have said since; at first, what the watching worker before this one has left.
   * @returns the pools that were used within the last minute, or were left within it; the same table for as long as they
   * are the same
   */
  names(): readonly string[];
  /** Another worker is the watching worker now. */
  forget(): void;
}

/** What workers say. */
const SAID = STATE_KEYS.wanted;

/** What the watching worker has heard. */
const HEARD = STATE_KEYS.wantedHeard;

/** How often a worker says that a pool is used, seconds. */
const SAY_SECONDS = 20;

/** For how long a pool is checked that nobody says is used, seconds. */
const KEPT_SECONDS = 60;

/** The list gets no longer than about this: while nobody takes names off it, they are of no use. */
const LONGEST = 1000;

/**
 * @returns how a worker says that a pool with checks is used: to be called for each of its requests, for it costs one
 * look into a set, but once in 20 s. A name that cannot be said now is said by a later request.
 * @param sign what the cache's names of its table's pools begin with, after their `@`; see `Keys`
 */
export function wantChecks(state: SafeDict, now: Clock, sign = ""): (this: void, poolName: string) => void {
  // Emptied every so often rather than kept up name by name: pools that are gone take no room in it.
  let said = new LuaSet<string>();
  let saidSince = now();
  return (poolName) => {
    const time = now();
    if (!isWithin(SAY_SECONDS, saidSince, time)) {
      said = new LuaSet();
      saidSince = time;
    }
    if (!said.has(poolName) && say(state, sign + poolName)) said.add(poolName);
  };
}

/** For the watching worker: in any other it would take away what that one needs to know. */
export function wantedPools(state: SafeDict, now: Clock): WantedPools {
  let heardAt = new LuaMap<string, number>();
  let names: readonly string[] = [];
  let hasSucceeded = false;

  /** @returns whether there are new ones. */
  const hear = (list: string, time: number) => {
    let isNews = false;
    const [length] = state.llen(list);
    // No more than there are now, so that this ends though workers go on saying names.
    for (const _ of $range(1, length ?? 0)) {
      const [said] = state.lpop(list);
      if (said === undefined) break;
      const name = tostring(said);
      if (!heardAt.has(name)) isNews = true;
      heardAt.set(name, time);
    }
    return isNews;
  };

  /** @returns whether there were any to forget. */
  const dropOld = (time: number) => {
    let wereAny = false;
    for (const [name, heard] of heardAt) {
      if (!isWithin(KEPT_SECONDS, heard, time)) {
        heardAt.delete(name);
        wereAny = true;
      }
    }
    return wereAny;
  };

  return {
    names: () => {
      const time = now();
      const hasLeft = !hasSucceeded && hear(HEARD, time);
      hasSucceeded = true;
      const hasNew = hear(SAID, time);
      if (dropOld(time) || hasNew || hasLeft) {
        names = namesIn(heardAt);
        leave(state, names);
      }
      return names;
    },

    forget: () => {
      heardAt = new LuaMap();
      names = [];
      hasSucceeded = false;
    },
  };
}

/** In place of what was left before. */
function leave(state: SafeDict, names: readonly string[]): void {
  state.delete(HEARD);
  for (const name of names) {
    state.rpush(HEARD, name); // dropped: without room for it, a successor hears the name from a worker later
  }
}

/** @returns false if there is no room. */
function say(state: SafeDict, poolName: string): boolean {
  const [length] = state.llen(SAID);
  if (length !== undefined && length >= LONGEST) return false;
  const [said] = state.rpush(SAID, poolName);
  return said !== undefined;
}

/** A time in the future is not: the clock was set back meanwhile. */
function isWithin(seconds: number, since: number, time: number): boolean {
  return time >= since && time - since < seconds;
}

function namesIn(heardAt: LuaMap<string, number>): readonly string[] {
  const names: string[] = [];
  for (const [name] of heardAt) names.push(name);
  return names;
}

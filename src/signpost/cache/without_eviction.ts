import { Clock, SharedDict } from "../ports";

/** A dict without room is searched for expired entries at most so often, seconds: the search locks it for a millisecond. */
const SEARCH_SECONDS = 1;

/** So many expired entries are freed at once. */
const MOST_FREED = 1000;

/**
 * @returns a view of a dict whose other entries must not be evicted: without room, what is written through it is not kept,
 * and the caller is told "no memory".
 */
export function withoutEviction(dict: SharedDict, now: Clock): SharedDict {
  let searchedAt = 0;
  const safeView: SharedDict = {
    get: (key) => dict.get(key),
    ttl: (key) => dict.ttl(key),
    delete: (key) => dict.delete(key),
    safe_set: (key, value, lifetimeSeconds, flags) => {
      const [stored, err] = dict.safe_set(key, value, lifetimeSeconds, flags);
      if (err === undefined) {
        return $multi(stored, undefined, false);
      }
      if (hasFreed(err)) {
        return dict.safe_set(key, value, lifetimeSeconds, flags);
      }
      return $multi(stored, err, false);
    },
    safe_add: (key, value, lifetimeSeconds, flags) => {
      const [stored, err] = dict.safe_add(key, value, lifetimeSeconds, flags);
      if (err === undefined) {
        return $multi(stored, undefined, false);
      }
      if (hasFreed(err)) {
        return dict.safe_add(key, value, lifetimeSeconds, flags);
      }
      return $multi(stored, err, false);
    },
    set: (key, value, lifetimeSeconds, flags) => safeView.safe_set(key, value, lifetimeSeconds, flags),
    add: (key, value, lifetimeSeconds, flags) => safeView.safe_add(key, value, lifetimeSeconds, flags),
    incr: (key, by, init, initSeconds) => {
      const [value, err] = dict.incr(key, by);
      if (value !== undefined) {
        return $multi(value, undefined, false);
      }
      if (err !== "not found" || init === undefined) {
        return $multi(undefined, err);
      }
      const [isBegun, problem] = safeView.safe_add(key, init + by, initSeconds);
      if (isBegun) {
        return $multi(init + by, undefined, false);
      }
      // Another worker was faster.
      if (problem === "exists") {
        return dict.incr(key, by);
      }
      return $multi(undefined, problem);
    },
    flush_expired: (most) => dict.flush_expired(most),
    rpush: (key, value) => dict.rpush(key, value),
    lpop: (key) => dict.lpop(key),
    llen: (key) => dict.llen(key),
  };
  return safeView;

  /** Expired entries give up their room by themselves only while they are the least recently used of all. */
  function hasFreed(err: string | undefined): boolean {
    const time = now();
    if (err !== "no memory" || (time >= searchedAt && time < searchedAt + SEARCH_SECONDS)) {
      return false;
    }
    searchedAt = time;
    return dict.flush_expired(MOST_FREED) > 0;
  }
}

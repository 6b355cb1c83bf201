import { Clock, SharedDict } from "../ports";
import { bucketOf, HashName } from "./buckets";
import { STATE_PREFIXES } from "./keys";
import { isFromFuture, stampOf } from "./stamp";

/**
 * Runs a short task that does not yield, while no other worker runs one for the same name.
 * @returns false, without having run the task, if the name stays locked
 */
export type RunAlone = (this: void, name: string, task: (this: void) => void) => boolean;

/** A lock is held for microseconds. One left behind by a killed worker ends after this many seconds. */
const LOCK_SECONDS = 0.05;

/** How many times a held lock is tried: a few hundred microseconds in all, many times what its holder needs. */
const LOCK_TRIES = 2000;

/** @param hash spreads names over the locks */
export function newLock(state: SharedDict, hash: HashName, now: Clock): RunAlone {
  return (name, task) => {
    const key = bucketOf(STATE_PREFIXES.lock, hash(name));
    for (const _ of $range(1, LOCK_TRIES)) {
      const [isLocked] = state.add(key, 1, LOCK_SECONDS, stampOf(now()));
      if (isLocked) {
        task();
        state.delete(key);
        return true;
      }
    }
    // The dict counts the lifetime by a clock that may have been set back since: such a lock would stay for hours.
    const [, stamp] = state.get(key);
    if (isFromFuture(stamp, now())) {
      state.delete(key);
    }
    return false;
  };
}

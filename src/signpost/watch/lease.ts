import { isFromFuture, stampOf } from "../cache/stamp";
import { Clock, SharedDict } from "../ports";

const KEY = "watcher";

/** Without renewal, a lease ends after this many seconds: so soon another worker takes over from one that died. */
const LEASE_SECONDS = 0.8;

/**
 * Who of a node's workers watches Redis. At most one holds the lease at a time; a holder that lost it (it was stopped for
 * longer than the lease lasts) learns so when it next asks, and must stop watching.
 * @noSelf
 */
export interface Lease {
  /** Takes or renews the lease; to be called several times in each `LEASE_SECONDS`. @returns whether it is held. */
  hold(): boolean;
  /** @returns whether it is held, without taking or renewing it. */
  isMine(): boolean;
  release(): void;
}

/**
 * A lease that was taken before the clock was set back is void, or that of a dead worker would last until the clock has
 * come there again. Its flags say when it was taken; workers of version 0.1.0 leave them empty, and only read the value.
 *
 * @param me distinguishes the workers: the process id
 */
export function newLease(state: SharedDict, me: number, now: Clock): Lease {
  const isMine = () => {
    const [holder, stamp] = state.get(KEY);
    return holder === me && !isFromFuture(stamp, now());
  };

  /** Of all that find the lease void, one alone may take it: the one that adds the entry named by its stamp. */
  const isFree = () => {
    const [holder, stamp] = state.get(KEY);
    if (holder === undefined) {
      return true;
    }
    if (!isFromFuture(stamp, now())) {
      return false;
    }
    const [isFirst] = state.add(`${KEY}:${stamp}`, 1, LEASE_SECONDS);
    if (isFirst) {
      state.delete(KEY);
    }
    return isFirst;
  };

  return {
    isMine,
    hold: () => {
      if (isMine()) {
        state.set(KEY, me, LEASE_SECONDS, stampOf(now())); // dropped: a number over a number always has room
        return true;
      }
      if (!isFree()) {
        return false;
      }
      const [taken] = state.add(KEY, me, LEASE_SECONDS, stampOf(now()));
      return taken;
    },
    release: () => {
      if (isMine()) {
        state.delete(KEY);
      }
    },
  };
}

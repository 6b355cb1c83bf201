import { SharedDict } from "../ports";

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

/** @param me distinguishes the workers: the process id */
export function newLease(state: SharedDict, me: number): Lease {
  const isMine = () => {
    const [holder] = state.get(KEY);
    return holder === me;
  };
  return {
    isMine,
    hold: () => {
      if (isMine()) {
        state.set(KEY, me, LEASE_SECONDS); // dropped: a number over a number always has room
        return true;
      }
      const [taken] = state.add(KEY, me, LEASE_SECONDS);
      return taken;
    },
    release: () => {
      if (isMine()) {
        state.delete(KEY);
      }
    },
  };
}

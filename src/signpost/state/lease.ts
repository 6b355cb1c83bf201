import { Clock, SafeDict, SharedDict } from "../ports";
import { STATE_KEYS, STATE_PREFIXES } from "./keys";
import { isFromFuture, stampOf } from "./stamp";

const KEY = STATE_KEYS.watcher;

const GENERATIONS = STATE_KEYS.generations;

/** Without renewal, a lease ends after this many seconds, and another worker takes over from one that died. */
const LEASE_SECONDS = 0.8;

/** Greater than any process id: Linux's PID_MAX_LIMIT; other systems have smaller ones. */
const PIDS = 2 ** 22;

/**
 * The right to watch Redis, which at most one of a node's workers holds at a time. A holder loses it when it is
 * stopped for longer than the lease lasts, or when nginx is reloaded. It learns so when it next asks, and must stop
 * watching.
 * @noSelf
 */
export interface Lease {
  /**
   * Takes or renews the lease like `hold`, except that a worker from before a reload keeps its lease until `hold` is
   * called: it goes on watching until the new worker can.
   * @returns whether this worker holds the lease, or is the only one that may take it over by `hold`
   */
  claim(): boolean;
  /**
   * Takes or renews the lease; call it several times in each `LEASE_SECONDS`.
   * @returns whether this worker holds it.
   */
  hold(): boolean;
  /** @returns whether this worker holds it, without taking or renewing it. */
  isMine(): boolean;
  release(): void;
}

/**
 * @returns the number of a new generation of workers: all workers that begin between two reads of nginx's
 * configuration. Call it once for each generation, before there are workers.
 *
 * If the dict loses the number, it starts from the beginning: the new generation then waits until the lease of an
 * older one ends.
 */
export function newGeneration(state: SafeDict): number {
  state.safe_add(GENERATIONS, 0); // dropped: it is there already, or there is no room for it
  const [generation] = state.incr(GENERATIONS, 1);
  return generation ?? 0;
}

/** @returns a worker's id. It is one number, so the dict always has room to write it over another's. */
export function holderId(generation: number, pid: number): number {
  return generation * PIDS + (pid % PIDS);
}

/**
 * A lease that was taken before the clock was set back is void. Otherwise a dead worker's lease would last until the
 * clock reached that time again. The flags of a lease say when it was taken; workers of version 0.1.0 leave the flags
 * empty, and read only the value.
 *
 * A lease of an older generation is void, too: its holder is about to be told to exit, and has other settings. Holders
 * of version 0.1.0, which are process ids alone, are of generation 0. A worker of an older generation cannot tell the
 * difference: it sees only that another worker holds the lease.
 *
 * @param me see `holderId`
 */
export function newLease(state: SharedDict, me: number, now: Clock): Lease {
  const generation = generationOf(me);

  const isMine = () => {
    const [holder, stamp] = state.get(KEY);
    return holder === me && !isFromFuture(stamp, now());
  };

  const renew = () => {
    state.set(KEY, me, LEASE_SECONDS, stampOf(now())); // dropped: a number over a number always has room
  };

  const take = () => {
    const [taken] = state.add(KEY, me, LEASE_SECONDS, stampOf(now()));
    return taken;
  };

  /** Only one worker may take a lease stamped in the future: the one that adds the entry named by that stamp. */
  const takeFromFuture = (stamp: number) => {
    const [isFirst] = state.add(`${STATE_PREFIXES.futureLease}${stamp}`, 1, LEASE_SECONDS);
    if (isFirst) {
      state.delete(KEY);
    }
    return isFirst && take();
  };

  /** Only one worker of a generation takes over from an older one. Another may do so only once that worker has died. */
  const isSuccessor = () => {
    const key = `${STATE_PREFIXES.successor}${generation}`;
    const [isFirst] = state.add(key, me, LEASE_SECONDS);
    const [successor] = state.get(key);
    return isFirst || successor === me;
  };

  const claim = () => {
    const [holder, stamp] = state.get(KEY);
    if (holder === undefined) {
      return take();
    }
    if (isFromFuture(stamp, now())) {
      return takeFromFuture(stamp as number);
    }
    if (holder === me) {
      renew();
      return true;
    }
    return generationOf(holder as number) < generation && isSuccessor();
  };

  return {
    isMine,
    claim,
    hold: () => {
      const isClaimed = claim();
      if (isClaimed) {
        renew();
      }
      return isClaimed;
    },
    release: () => {
      if (isMine()) {
        state.delete(KEY);
      }
    },
  };
}

function generationOf(holder: number): number {
  return math.floor(holder / PIDS);
}

import { SharedDict } from "../ports";

/**
 * What all workers of a node agree on about change, in the state dict. Every step is one atomic operation.
 *
 * - The **change clock** moves whenever what a request could be answered with has changed. A worker's memory is valid
 *   only for the clock it was filled at.
 * - The **epoch** numbers the times the tracking connection was made; 0 while there is none. A record read in another
 *   epoch may have missed a push.
 * - A **ticket** is taken for a name before Redis is asked for it. A push moves it on: an answer with an older ticket may
 *   be older than the push, and is not kept.
 *
 * @noSelf
 */
export interface Ledger {
  clock(): number;
  moveClock(): void;
  /** @returns the current epoch; 0 without tracking. */
  epoch(): number;
  /** Tracking has begun, or may have missed something: all that is known so far is to be read again before its use. */
  beginEpoch(): number;
  /** @returns the number of an epoch that is yet to begin, for records that will be valid in it. */
  prepareEpoch(): number;
  /** Begins a prepared epoch. */
  publishEpoch(epoch: number): void;
  /** The tracking of that epoch has ended. Nothing, if another has begun since. */
  endEpoch(epoch: number): void;
  /** The records are all that Redis held when a snapshot of it was made: a name that is not there did not exist then. */
  setComplete(): void;
  /** Whether that is still the last that is known: it ends when tracking begins, which makes newer knowledge. */
  isComplete(): boolean;
  ticket(name: string): number;
  /** @returns the new ticket. */
  moveTicket(name: string): number;
  /** The shared dicts do not hold all that workers' memory may go by. */
  noteForgotten(): void;
  hasForgotten(): boolean;
  /**
   * Runs a short task that does not yield while no other worker runs one for the same name.
   * @returns false, and has not run it, if the name stays locked
   */
  alone(name: string, task: (this: void) => void): boolean;
}

/**
 * Names share tickets and locks: few enough to be always in memory, and so many that a name's ticket seldom moves for
 * another's sake, which costs a second read.
 */
const BUCKETS = 4096;

/** A lock is held for microseconds. One left behind by a killed worker goes away after this many seconds. */
const LOCK_SECONDS = 0.05;

/** How often a held lock is tried: some hundred microseconds in all, many times what its holder needs. */
const LOCK_TRIES = 2000;

/** @param hash spreads names over the buckets */
export function newLedger(state: SharedDict, hash: (this: void, name: string) => number): Ledger {
  const bucket = (kind: string, name: string) => `${kind}:${hash(name) % BUCKETS}`;
  const numberAt = (key: string) => {
    const [value] = state.get(key);
    return (value ?? 0) as number;
  };
  const move = (key: string) => {
    const [moved] = state.incr(key, 1, 0);
    return moved ?? 0;
  };

  const prepareEpoch = () => move("epochs");
  const publishEpoch = (epoch: number) => {
    state.set("epoch", epoch); // dropped: a number over a number always has room
    state.delete("complete");
    move("clock");
  };

  return {
    clock: () => numberAt("clock"),
    moveClock: () => {
      move("clock");
    },
    epoch: () => numberAt("epoch"),
    beginEpoch: () => {
      const epoch = prepareEpoch();
      publishEpoch(epoch);
      return epoch;
    },
    prepareEpoch,
    publishEpoch,
    endEpoch: (epoch) => {
      if (numberAt("epoch") === epoch) {
        state.set("epoch", 0); // dropped: a number over a number always has room
        move("clock");
      }
    },
    setComplete: () => {
      state.set("complete", 1); // dropped: without it, names are unknown that might be known to be absent
    },
    isComplete: () => numberAt("complete") === 1,
    ticket: (name) => numberAt(bucket("ticket", name)),
    moveTicket: (name) => move(bucket("ticket", name)),
    noteForgotten: () => {
      if (numberAt("forgotten") !== 1) {
        state.set("forgotten", 1); // dropped: a number in a dict that evicts, if need be, what is used least
        // A push may have come after the loss and before this note of it, and found nothing to move the clock for.
        move("clock");
      }
    },
    hasForgotten: () => numberAt("forgotten") === 1,
    alone: (name, task) => {
      const lock = bucket("lock", name);
      for (const _ of $range(1, LOCK_TRIES)) {
        const [locked] = state.add(lock, 1, LOCK_SECONDS);
        if (locked) {
          task();
          state.delete(lock);
          return true;
        }
      }
      return false;
    },
  };
}

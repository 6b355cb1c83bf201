import { Clock, SafeDict, SharedDict } from "../ports";
import { isFromFuture, stampOf } from "./stamp";

/**
 * What all workers of a node agree on about change, in the state dict. Every step is one atomic operation.
 *
 * - The **change clock** moves whenever what a request could be answered with has changed. A worker's memory is valid
 *   only for the clock it was filled at.
 * - The **epoch** numbers the times the tracking connection was made; 0 while there is none. A record read in another
 *   epoch may have missed a push.
 * - A **ticket** is taken for a name before Redis is asked for it. A push moves it on: an answer with an older ticket may
 *   be older than the push, and is not kept.
 * - A **mark** is left in the dicts of records whenever the clock moves. It tells whether they have since evicted what a
 *   worker may remember: see `hasForgottenFrom`.
 *
 * Invariant: none of these numbers is ever given out twice, even if the dict has lost it or is new beside older records.
 * A number that is missing begins anew at the time of day, in units so small that it has never counted that fast; an
 * epoch, which has room for seconds only, beyond all that the worker has seen, too.
 *
 * `prepare` makes the few entries that all else hangs on before there are workers. From then on they are overwritten in
 * place, which needs no memory, and `touch` keeps them from being the least recently used. Nobody else writes to the state
 * dict in a way that evicts; here, tickets and locks do if there is no other way, for without them nothing is right. In a
 * dict too small for them, or while workers of version 0.1.0 share it, any entry may be lost all the same. Each is safe to
 * lose: it costs reads, never an old answer.
 *
 * @noSelf
 */
export interface Ledger {
  /** Makes what is missing, so that later steps need no memory. Before there are workers. */
  prepare(): void;
  /** Uses what must stay, and takes note of the newest epoch. Each worker does so several times a second. */
  touch(): void;
  /** Whether the state dict has never had a clock: nothing is known yet. */
  isNew(): boolean;
  /** @returns the change clock; NaN, which equals nothing, if the dict takes no number at all. */
  clock(): number;
  moveClock(): void;
  /** @returns the current epoch; 0 without tracking. */
  epoch(): number;
  /** Tracking has begun, or may have missed something: all that is known so far is to be read again before its use. */
  beginEpoch(): number;
  /** @returns the number of an epoch that is yet to begin, for records that will be valid in it. */
  prepareEpoch(): number;
  /** Begins a prepared epoch. Nothing, if a later one has begun since. */
  publishEpoch(epoch: number): void;
  /** The tracking of that epoch has ended. Nothing, if another has begun since. */
  endEpoch(epoch: number): void;
  /**
   * Whether a record of epoch `read` is valid in epoch `current`: it was read in it, or for one prepared since. A routes
   * file is kept route by route for the coming epoch, and each route serves at once; so do those of a load that failed
   * half-way, as what they have replaced is gone. Numbers that were never given out, or before `current`, are not valid.
   */
  covers(current: number, read: number): boolean;
  /** The records are all that Redis held when a snapshot of it was made: a name that is not there did not exist then. */
  setComplete(): void;
  /** The records have lost something. */
  setIncomplete(): void;
  /** Whether that is still the last that is known: it ends when tracking begins, which makes newer knowledge. */
  isComplete(): boolean;
  ticket(name: string): number;
  /** @returns the new ticket. */
  moveTicket(name: string): number;
  /**
   * Whether a dict of records may have evicted, since the clock last moved, something that a worker's memory goes by.
   *
   * What is valid in a memory was found in the dict after the clock came to where it stands, and finding an entry makes it
   * the most recently used. A mark was made the most recently used just before. A full dict evicts the least recently used
   * first; so while the mark is there, all that was evicted was used before it, and no memory goes by it.
   */
  hasForgottenFrom(dict: SafeDict): boolean;
  /** The same, of any of the dicts. */
  hasForgotten(): boolean;
  /**
   * Runs a short task that does not yield while no other worker runs one for the same name.
   * @returns false, and has not run it, if the name stays locked
   */
  alone(name: string, task: (this: void) => void): boolean;
}

/**
 * Names share tickets and locks: few enough to be always in memory (128 bytes each, half a megabyte in all), and so many
 * that a name's ticket seldom moves for another's sake, which costs a second read. They are made as they are needed: more
 * entries in the dict make every look into it longer.
 */
const BUCKETS = 4096;

/** A lock is held for microseconds. One left behind by a killed worker goes away after this many seconds. */
const LOCK_SECONDS = 0.05;

/** How often a held lock is tried: some hundred microseconds in all, many times what its holder needs. */
const LOCK_TRIES = 2000;

/** What a mark's key begins with. No host and no pool has a line feed in its name. */
const MARK = "\nmark:";

/**
 * Marks take turns under so many keys, many more than a node has workers: a key is not used again while the clock could
 * still be the one that its mark was made for, as each worker makes one at a time.
 */
const MARKS = 1024;

/** Entries that are seldom used and must last. */
const LASTING = ["epochs", "marks", "mark", "complete", "forgotten"] as const;

/** Flags hold 32 bits. */
const FLAGS = 2 ** 32;

/** Equals no number. */
const NOTHING = 0 / 0;

/**
 * @param hash spreads names over the buckets
 * @param dicts those whose entries workers remember. Without them, they are taken to have forgotten something
 */
export function newLedger(
  state: SharedDict,
  hash: (this: void, name: string) => number,
  now: Clock,
  dicts: readonly SharedDict[] = [],
): Ledger {
  const bucket = (kind: string, name: string) => `${kind}:${hash(name) % BUCKETS}`;
  const numberAt = (key: string) => {
    const [value] = state.get(key);
    return (value ?? 0) as number;
  };

  /** Millionths of seconds: no counter moves faster on average, so it begins beyond all that it has ever been. */
  const microseconds = () => math.floor(now() * 1000) * 1000;
  /** The greatest epoch that this worker knows of: in a burst there are more than one a second. */
  let newestSeen = 0;
  const noteEpoch = (epoch: number) => {
    newestSeen = math.max(newestSeen, epoch);
    return epoch;
  };
  /** Seconds, as an epoch is kept in 32 bits. */
  const firstEpoch = () => math.max(math.floor(now()), newestSeen);

  /** @returns the number under a key, made where there is none. */
  const begin = (key: string, first: (this: void) => number) => {
    state.add(key, first()); // dropped: whether it was there, is new or had no room, what is there now counts
    const [value] = state.get(key);
    return (value ?? NOTHING) as number;
  };
  const move = (key: string, first: (this: void) => number) => {
    const [moved] = state.incr(key, 1);
    if (moved !== undefined) {
      return moved;
    }
    begin(key, first);
    const [begun] = state.incr(key, 1);
    return begun ?? NOTHING;
  };

  const clock = () => {
    const [value] = state.get("clock");
    return (value ?? begin("clock", microseconds)) as number;
  };

  const moveClock = () => {
    if (dicts.length === 0) {
      move("clock", microseconds);
      return;
    }
    // The old marks go first: the new ones then have their room, and evict nothing in a full dict.
    const [last] = state.get("mark");
    if (last !== undefined) {
      for (const dict of dicts) {
        dict.delete(markKey(last as number));
      }
    }
    const mark = move("marks", microseconds);
    for (const dict of dicts) {
      dict.set(markKey(mark), 0); // dropped: where there is no mark, more is taken for forgotten than is
    }
    // The mark is older than all that will be found at the new clock, for only its maker ever touches it.
    const moved = move("clock", microseconds);
    state.set("mark", mark, 0, moved % FLAGS); // dropped: see above
  };

  const hasForgottenFrom = (dict: SafeDict) => {
    const [mark, madeFor] = state.get("mark");
    if (mark === undefined || (madeFor ?? 0) !== clock() % FLAGS) {
      return true;
    }
    // Of all ways to look, this one alone leaves an entry where it is in the order of use.
    const [lifetime] = dict.ttl(markKey(mark as number));
    return lifetime === undefined;
  };

  const prepareEpoch = () => {
    const epoch = move("epochs", firstEpoch);
    if (epoch > newestSeen) {
      return noteEpoch(epoch);
    }
    // Another worker began anew, and knew of fewer.
    const [raised] = state.incr("epochs", newestSeen + 1 - epoch);
    return noteEpoch(raised ?? newestSeen + 1);
  };
  const publishEpoch = (epoch: number) => {
    if (numberAt("epoch") < epoch) {
      state.set("epoch", epoch); // dropped: a number over a number always has room
    }
    state.delete("complete");
    moveClock();
  };

  /** @returns whether it is this worker's. */
  const lock = (key: string) => {
    const [locked] = state.add(key, 1, LOCK_SECONDS, stampOf(now()));
    return locked;
  };

  return {
    prepare: () => {
      begin("marks", microseconds);
      begin("mark", () => 0);
      begin("epochs", firstEpoch);
      begin("epoch", () => 0);
      begin("clock", microseconds);
      // For workers of 0.1.0 that still watch after a reload: it says that records may have been evicted.
      state.set("forgotten", 1); // dropped: only what such workers do for a moment goes by it
    },
    touch: () => {
      for (const key of LASTING) {
        numberAt(key);
      }
      noteEpoch(numberAt("epoch"));
    },
    isNew: () => {
      const [value] = state.get("clock");
      return value === undefined;
    },
    clock,
    moveClock,
    epoch: () => noteEpoch(numberAt("epoch")),
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
        moveClock();
      }
    },
    covers: (current, read) => read === current || (read > current && read <= numberAt("epochs")),
    setComplete: () => {
      state.safe_set("complete", 1); // dropped: without it, names are unknown that might be known to be absent
    },
    setIncomplete: () => {
      state.delete("complete");
    },
    isComplete: () => numberAt("complete") === 1,
    ticket: (name) => {
      const key = bucket("ticket", name);
      const [value] = state.get(key);
      return (value ?? begin(key, microseconds)) as number;
    },
    moveTicket: (name) => move(bucket("ticket", name), microseconds),
    hasForgottenFrom,
    hasForgotten: () => {
      for (const dict of dicts) {
        if (hasForgottenFrom(dict)) {
          return true;
        }
      }
      return dicts.length === 0;
    },
    alone: (name, task) => {
      const key = bucket("lock", name);
      for (const _ of $range(1, LOCK_TRIES)) {
        if (lock(key)) {
          task();
          state.delete(key);
          return true;
        }
      }
      // Its lifetime is the dict's affair, which goes by a clock that may have been set back since.
      const [, stamp] = state.get(key);
      if (isFromFuture(stamp, now())) {
        state.delete(key);
      }
      return false;
    },
  };
}

function markKey(mark: number): string {
  return `${MARK}${mark % MARKS}`;
}

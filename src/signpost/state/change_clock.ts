import { Clock, SafeDict, SharedDict } from "../ports";
import { STATE_KEYS } from "./keys";
import { GrowingNumbers } from "./numbers";

/**
 * The change clock: one number of the node, which moves whenever an answer to a request could have changed. What a
 * worker remembers is valid only for the clock at which it was found.
 *
 * The clock also tells whether a full dict of records may have evicted something that a worker remembers. Whenever it
 * moves, it leaves a **mark**, an entry of its own, in each of these dicts. A memory uses only what was found after
 * the clock reached its present value, and finding an entry makes it the most recently used. The mark became the most
 * recently used just before that. A full dict evicts the least recently used entry first. So while the mark is there,
 * everything evicted was last used before the mark was made, and no memory relies on it.
 *
 * @noSelf
 */
export interface ChangeClock {
  /** @returns the clock; NaN, which equals nothing, if the dict has no room for it. */
  value(): number;
  move(): void;
  /** Whether the state dict has never had a clock: nothing is known yet. */
  isNew(): boolean;
  /** Whether this dict may have evicted, since the clock last moved, something that a worker remembers. */
  mayHaveEvictedFrom(dict: SafeDict): boolean;
  /** Whether any of the dicts may have. */
  mayHaveEvicted(): boolean;
  /** Creates the clock and what it needs. Before there are workers. */
  prepare(): void;
}

/** The prefix of a mark's key. No host and no pool has a line feed in its name. */
const MARK = "\nmark:";

/**
 * Marks take turns under this many keys, far more than a node has workers. Each worker makes one mark at a time, so no
 * key is used again while the clock can still be the one that its mark was made for.
 */
const MARKS = 1024;

/** Flags hold 32 bits. */
const FLAGS = 2 ** 32;

const CLOCK = STATE_KEYS.clock;

/** @param dicts hold what workers remember; with none, everything counts as evicted */
export function newChangeClock(
  state: SharedDict,
  numbers: GrowingNumbers,
  now: Clock,
  dicts: readonly SharedDict[],
): ChangeClock {
  /**
   * Microseconds since 1970: no number of a node has ever grown faster, so this lies beyond all numbers that were
   * given out.
   */
  const first = () => microseconds(now);

  const value = () => {
    const [held] = state.get(CLOCK);
    return (held ?? numbers.readOrBegin(CLOCK, first)) as number;
  };

  const mayHaveEvictedFrom = (dict: SafeDict) => {
    const [mark, madeFor] = state.get(STATE_KEYS.mark);
    if (mark === undefined || (madeFor ?? 0) !== value() % FLAGS) {
      return true;
    }
    // `ttl` is the only way to look at an entry that does not make it the most recently used.
    const [lifetime] = dict.ttl(markKey(mark as number));
    return lifetime === undefined;
  };

  return {
    value,
    move: () => {
      if (dicts.length === 0) {
        numbers.move(CLOCK, first);
        return;
      }
      // First delete the old marks: the new ones then take their room, and evict nothing in a full dict.
      deleteMarks(state, dicts);
      const mark = numbers.move(STATE_KEYS.marks, first);
      for (const dict of dicts) {
        dict.set(markKey(mark), 0); // dropped: without a mark, more counts as evicted than really was
      }
      // Then move the clock: the mark is older than everything found at the new clock, because only its maker touches
      // it.
      const moved = numbers.move(CLOCK, first);
      state.set(STATE_KEYS.mark, mark, 0, moved % FLAGS); // dropped: without it, everything counts as evicted
    },
    isNew: () => {
      const [held] = state.get(CLOCK);
      return held === undefined;
    },
    mayHaveEvictedFrom,
    mayHaveEvicted: () => {
      for (const dict of dicts) {
        if (mayHaveEvictedFrom(dict)) {
          return true;
        }
      }
      return dicts.length === 0;
    },
    prepare: () => {
      numbers.readOrBegin(STATE_KEYS.marks, first);
      numbers.readOrBegin(STATE_KEYS.mark, () => 0);
      numbers.readOrBegin(CLOCK, first);
    },
  };
}

/** @returns the time in millionths of a second. */
export function microseconds(now: Clock): number {
  return math.floor(now() * 1000) * 1000;
}

function deleteMarks(state: SafeDict, dicts: readonly SafeDict[]): void {
  const [last] = state.get(STATE_KEYS.mark);
  if (last !== undefined) {
    for (const dict of dicts) {
      dict.delete(markKey(last as number));
    }
  }
}

function markKey(mark: number): string {
  return `${MARK}${mark % MARKS}`;
}

import { SharedDict } from "../ports";

/** Equals no number, not even itself. */
const NOTHING = 0 / 0;

/**
 * Numbers in the state dict that only ever grow. Each step is one atomic operation.
 *
 * Invariant: a number is never given out twice, even if the dict has lost it or is new beside older records. A missing
 * number starts again at `first()`, which must lie beyond all numbers that were given out before.
 *
 * @noSelf
 */
export interface GrowingNumbers {
  /** @returns the number under a key, 0 if there is none. */
  read(key: string): number;
  /** @returns the number under a key, created if there is none; NaN if the dict has no room for it. */
  readOrBegin(key: string, first: (this: void) => number): number;
  /** Adds 1. @returns the new number; NaN if the dict has no room for it. */
  move(key: string, first: (this: void) => number): number;
}

/** @param state may evict other entries to make room, because nothing is correct without these numbers */
export function growingNumbers(state: SharedDict): GrowingNumbers {
  const readOrBegin = (key: string, first: (this: void) => number) => {
    state.add(key, first()); // dropped: the number that is there now counts, whoever added it
    const [value] = state.get(key);
    return (value ?? NOTHING) as number;
  };
  return {
    read: (key) => {
      const [value] = state.get(key);
      return (value ?? 0) as number;
    },
    readOrBegin,
    move: (key, first) => {
      const [moved] = state.incr(key, 1);
      if (moved !== undefined) {
        return moved;
      }
      readOrBegin(key, first);
      const [begun] = state.incr(key, 1);
      return begun ?? NOTHING;
    },
  };
}

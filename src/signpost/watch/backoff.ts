/**
 * Computes the wait before the next try: exponential backoff with jitter. The limit doubles with each try. The wait is
 * random, between half the limit and the limit, so that many nodes do not come back at the same time.
 * @noSelf
 */
export interface Backoff {
  /** @returns the wait, seconds. */
  next(): number;
  /** The next wait is the shortest again. */
  reset(): void;
}

const FIRST_SECONDS = 0.1;
const LONGEST_SECONDS = 5;

/** @param random returns numbers from 0 to 1 */
export function newBackoff(random: (this: void) => number): Backoff {
  let limit = FIRST_SECONDS;
  return {
    next: () => {
      const seconds = limit * (0.5 + 0.5 * random());
      limit = math.min(2 * limit, LONGEST_SECONDS);
      return seconds;
    },
    reset: () => {
      limit = FIRST_SECONDS;
    },
  };
}

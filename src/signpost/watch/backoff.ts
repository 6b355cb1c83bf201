/**
 * How long to wait before the next try: exponential backoff with jitter. The limit doubles with each try, and the wait is
 * a random time between half of it and the whole, so that many nodes do not come back all at once.
 * @noSelf
 */
export interface Backoff {
  /** @returns seconds. */
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

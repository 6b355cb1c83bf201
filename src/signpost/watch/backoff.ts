/**
 * How long to wait before the next try: twice as long each time, up to a limit, and each time by chance between half and
 * the whole of it, so that many nodes do not come back all at once.
 * @noSelf
 */
export interface Backoff {
  /** @returns seconds. */
  next(): number;
  reset(): void;
}

const FIRST_SECONDS = 0.1;
const LONGEST_SECONDS = 5;

/** @param random gives numbers from 0 to 1 */
export function newBackoff(random: (this: void) => number): Backoff {
  let longest = FIRST_SECONDS;
  return {
    next: () => {
      const seconds = longest * (0.5 + 0.5 * random());
      longest = math.min(2 * longest, LONGEST_SECONDS);
      return seconds;
    },
    reset: () => {
      longest = FIRST_SECONDS;
    },
  };
}

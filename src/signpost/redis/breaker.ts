import { Clock } from "../ports";

/**
 * A circuit breaker: keeps look-ups from waiting for a Redis that does not answer. After `failures` in a row it is
 * open and refuses every look-up at once. Every `pauseSeconds` it lets one try, and the first that succeeds closes it.
 * @noSelf
 */
export interface Breaker {
  /** Whether a look-up may ask Redis now. After true, the caller must report the outcome. */
  allows(): boolean;
  /** Whether the last `failures` look-ups failed. */
  isOpen(): boolean;
  succeeded(): void;
  failed(): void;
}

/** @param failures how many failed look-ups in a row open it */
export function newBreaker(now: Clock, failures: number, pauseSeconds: number): Breaker {
  let failedInRow = 0;
  let nextTrialAt = 0;

  const isOpen = () => failedInRow >= failures;

  return {
    isOpen,
    allows: () => {
      if (!isOpen()) {
        return true;
      }
      const time = now();
      const wait = nextTrialAt - time;
      // A wait longer than the pause means that the clock was set back meanwhile.
      if (wait > 0 && wait <= pauseSeconds) {
        return false;
      }
      // The next trial is set now: a trial whose outcome is never reported costs one pause, not the whole worker.
      nextTrialAt = time + pauseSeconds;
      return true;
    },
    succeeded: () => {
      failedInRow = 0;
    },
    failed: () => {
      failedInRow += 1;
      if (isOpen()) {
        nextTrialAt = now() + pauseSeconds;
      }
    },
  };
}

import { Clock } from "../ports";

/**
 * Keeps look-ups from waiting for a Redis that does not answer: after `failures` in a row it is open, and every look-up
 * is refused at once; each `pauseSeconds` one may try, and the first that succeeds closes it.
 * @noSelf
 */
export interface Breaker {
  /** Whether a look-up may ask Redis now. True is a promise to report how it went. */
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
      // A longer wait than the pause: the clock was set back meanwhile.
      if (wait > 0 && wait <= pauseSeconds) {
        return false;
      }
      // The trial takes the turn of this pause, so that a trial that is never reported costs one pause, not the worker.
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

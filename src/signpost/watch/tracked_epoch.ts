import { Epochs } from "../state/epochs";

/**
 * The epoch of the tracking connection that this worker holds.
 * @noSelf
 */
export interface TrackedEpoch {
  /** Begins an epoch: changes are pushed from now on. */
  begin(): void;
  /**
   * Begins another epoch after a change whose keys are not known. Every record is then re-read before its next use.
   * Without a connection, it does nothing.
   */
  restart(): void;
  /** Whether no other worker has ended this epoch or begun another. */
  isCurrent(): boolean;
  /** Ends the epoch: changes are no longer pushed. */
  finish(): void;
}

/** @param changed called when an epoch begins, because then anything may have changed */
export function trackedEpoch(epochs: Epochs, changed: (this: void) => void): TrackedEpoch {
  /** 0 while there is no connection. */
  let epoch = 0;

  const begin = () => {
    epoch = epochs.begin();
    changed();
  };

  return {
    begin,
    restart: () => {
      if (epoch !== 0) begin();
    },
    isCurrent: () => epochs.current() === epoch,
    finish: () => {
      epochs.finish(epoch);
      epoch = 0;
    },
  };
}

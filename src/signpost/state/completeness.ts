import { SafeDict } from "../ports";
import { STATE_KEYS } from "./keys";

/**
 * Whether the records are all that Redis held when a snapshot of it was made: then a name without a record did not
 * exist. Completeness ends when a record is lost, and when tracking begins, because records read from then on are
 * newer than the snapshot.
 *
 * @noSelf
 */
export interface Completeness {
  declare(): void;
  revoke(): void;
  /** Whether it was declared and not revoked since. */
  holds(): boolean;
}

/** @returns the completeness of the records, as all workers of the node see it. */
export function newCompleteness(state: SafeDict): Completeness {
  return {
    declare: () => {
      state.safe_set(STATE_KEYS.complete, 1); // dropped: without it, some absent names count as unknown
    },
    revoke: () => {
      state.delete(STATE_KEYS.complete);
    },
    holds: () => {
      const [declared] = state.get(STATE_KEYS.complete);
      return declared === 1;
    },
  };
}

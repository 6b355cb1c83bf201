import { SafeDict } from "../ports";
import { STATE_PREFIXES } from "./keys";

/** What is counted, and what each count means. All workers add to the same numbers. */
export const COUNTERS = {
  lookups: "reads of routes and pools from Redis; names read together count once",
  lookup_failures: "reads that Redis did not answer",
  bad_routes: "route and pool values that could not be used; each change counts once",
  evictions: "records that evicted others from a full shared dict",
  store_failures: "records that a full shared dict had no room for",
  busy: "look-ups refused because max_lookups were under way",
} as const;

/** The name of a counter. */
export type Counter = keyof typeof COUNTERS;

/** Adds one. */
export type Count = (this: void, counter: Counter) => void;

/** @returns how much was counted on this node. */
export type CountOf = (this: void, counter: Counter) => number;

/**
 * Counts in the state dict. If the dict has no room for a counter, the count is lost; the request and all other
 * entries are unharmed.
 */
export function counting(state: SafeDict): Count {
  return (counter) => {
    const key = STATE_PREFIXES.count + counter;
    const [counted] = state.incr(key, 1);
    if (counted === undefined) {
      const [isFirst] = state.safe_add(key, 1);
      if (!isFirst) {
        state.incr(key, 1); // dropped: see above
      }
    }
  };
}

/** @returns a counter's value on this node. */
export function countOf(state: SafeDict, counter: Counter): number {
  const [value] = state.get(STATE_PREFIXES.count + counter);
  return tonumber(value) ?? 0;
}

import { Clock, SharedDict } from "../ports";
import { bucketOf, HashName } from "./buckets";
import { microseconds } from "./change_clock";
import { STATE_PREFIXES } from "./keys";
import { GrowingNumbers } from "./numbers";

/**
 * A reader takes a name's ticket before it asks Redis for the name, and a push moves the ticket. An answer whose ticket
 * has moved meanwhile may be older than the push, and is not stored.
 *
 * @noSelf
 */
export interface Tickets {
  /** @returns the name's ticket; NaN, which equals nothing, if the dict has no room for it. */
  of(name: string): number;
  /** @returns the new ticket. */
  move(name: string): number;
}

/** @param hash spreads names over the buckets */
export function newTickets(state: SharedDict, numbers: GrowingNumbers, hash: HashName, now: Clock): Tickets {
  const first = () => microseconds(now);
  const keyOf = (name: string) => bucketOf(STATE_PREFIXES.ticket, hash(name));
  return {
    of: (name) => {
      const key = keyOf(name);
      const [ticket] = state.get(key);
      return (ticket ?? numbers.readOrBegin(key, first)) as number;
    },
    move: (name) => numbers.move(keyOf(name), first),
  };
}

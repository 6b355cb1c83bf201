import { mayBeStale, type Outcome } from "./outcome";

/**
 * Counts the tries that a request has left after its first, which went over a kept connection if there was one. A
 * connection that the backend has closed costs no try: the backend has not failed.
 *
 * @param tries how many it has in all
 * @param outcome of the first; nothing if that cannot be told
 */
export function triesLeft(tries: number, outcome: Outcome | undefined): number {
  return outcome !== undefined && mayBeStale(outcome) ? tries : tries - 1;
}

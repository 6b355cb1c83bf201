import { SafeDict } from "../ports";

/**
 * Whether this worker must log a message that the node logs once. The first worker that asks leaves a note under the
 * key, and the note lasts until the key is deleted.
 *
 * The note never takes another entry's room. If there is no room for it, the message is repeated rather than lost; the
 * log limits how often (see `quietLog`).
 */
export function mustSay(state: SafeDict, key: string): boolean {
  const [, err] = state.safe_add(key, 1);
  return err !== "exists";
}

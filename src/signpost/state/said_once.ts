import { SafeDict } from "../ports";

/**
 * Whether this worker must say something that the node says once. The first worker that asks notes it under the key, and
 * the note lasts until the key is deleted.
 *
 * The note never takes another entry's room. Without room for it, the message is repeated rather than never said; the log
 * limits how often (see `quietLog`).
 */
export function mustSay(state: SafeDict, key: string): boolean {
  const [, err] = state.safe_add(key, 1);
  return err !== "exists";
}

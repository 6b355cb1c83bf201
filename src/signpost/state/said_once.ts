import { SafeDict } from "../ports";

/**
 * Lets one worker of the node say what is to be said once, and notes that it was said; until the key is deleted.
 *
 * Without room to note it, which it never takes from another entry, it is said again rather than never: the log limits
 * how often (see `quietLog`).
 */
export function mustSay(state: SafeDict, key: string): boolean {
  const [, err] = state.safe_add(key, 1);
  return err !== "exists";
}

import { NodeState } from "../state/node_state";
import { KnownByName, ReadThrough } from "./flights";
import { NEVER_SEEN } from "./record";
import { SharedLevel } from "./shared";

/**
 * Replaces reads from Redis if there is none. Everything there is has been loaded from the routes file, perhaps after
 * the request looked for it. It stores nothing: only the follower of the file writes, so nothing overwrites what it
 * has just loaded.
 */
export function readHeld(shared: SharedLevel, nodeState: NodeState): ReadThrough {
  return (names) => {
    const epoch = nodeState.epochs.current();
    const found: KnownByName = new LuaMap();
    for (const name of names) {
      const known = shared.find(name);
      // Without an epoch, for a moment after the dict lost it, every record serves.
      const isValid = known !== undefined && (epoch === 0 || nodeState.epochs.covers(epoch, known.epoch));
      found.set(name, isValid ? known : NEVER_SEEN);
    }
    return $multi(found, undefined);
  };
}

import { Complaints } from "../cache/shared";
import { Log, SharedDict } from "../ports";
import { Count } from "./counters";

const KEY_PREFIX = "bad:";

/**
 * Says in the log why a route cannot be used: once for each change on a node, not once a worker nor once a refresh.
 * @param keyPrefix what Redis's key has before the name
 */
export function complaints(state: SharedDict, log: Log, count: Count, keyPrefix: string): Complaints {
  return {
    bad: (name, reason, lastGood) => {
      const [said] = state.get(KEY_PREFIX + name);
      if (said === reason) {
        return;
      }
      // dropped: it takes no other entry's room, and at worst the complaint is said again
      state.safe_set(KEY_PREFIX + name, reason);
      count("bad_routes");
      const meanwhile =
        lastGood === undefined ? "it has no last good value" : `its last good value serves: ${lastGood}`;
      log.error(`bad_route ${keyPrefix}${name}: ${reason}; ${meanwhile}`);
    },
    good: (name) => {
      state.delete(KEY_PREFIX + name);
    },
  };
}

import { Complaints } from "../cache/shared";
import { isPoolName, Keys } from "../origin/keys";
import { Log, SharedDict } from "../ports";
import { Count } from "./counters";

const KEY_PREFIX = "bad:";

/** How much of the last good value is shown, bytes: nginx cuts a line of its log at two thousand. */
const SHOWN_BYTES = 200;

/**
 * Says in the log why a route or a pool cannot be used: once for each change on a node, not once a worker nor once a
 * refresh.
 */
export function complaints(state: SharedDict, log: Log, count: Count, keys: Keys): Complaints {
  return {
    bad: (name, reason, lastGood) => {
      const [said] = state.get(KEY_PREFIX + name);
      if (said === reason) {
        return;
      }
      // dropped: it takes no other entry's room, and at worst the complaint is said again
      state.safe_set(KEY_PREFIX + name, reason);
      count("bad_routes");
      const word = isPoolName(name) ? "bad_pool" : "bad_route";
      const meanwhile =
        lastGood === undefined ? "it has no last good value" : `its last good value serves: ${oneLine(lastGood)}`;
      log.error(`${word} ${keys.keyOf(name)}: ${reason}; ${meanwhile}`);
    },
    good: (name) => {
      state.delete(KEY_PREFIX + name);
    },
  };
}

/** A hash has a line for each field, and the first begins with its line feed; see `printFields`. */
function oneLine(text: string): string {
  const [listed] = string.gsub(text, "\n", ", ");
  const [spaced] = string.gsub(listed, "\t", " ");
  const [line] = string.gsub(spaced, "^, ", "");
  return line.length > SHOWN_BYTES ? `${string.sub(line, 1, SHOWN_BYTES)}...` : line;
}

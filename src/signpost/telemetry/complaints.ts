import { Complaints } from "../cache/shared";
import { spaceOf } from "../redis/key_spaces";
import { Keys } from "../redis/keys";
import { Log, SafeDict } from "../ports";
import { printable } from "../text/complaint";
import { Count, CountOf } from "../state/counters";
import { STATE_PREFIXES } from "../state/keys";

/** How many complaints are remembered. A bad name beyond these is reported again whenever it is read. */
const SLOTS = 1000;

/** A name may take any of this many slots. */
const PROBES = 8;

/** Bytes of a key that are shown: enough for the whole key of any host or pool, with a usual prefix. */
const KEY_BYTES = 400;

/** Bytes of the last good value that are shown: nginx cuts a line of its log at two thousand. */
const SHOWN_BYTES = 200;

/**
 * Says in the log why a route or a pool cannot be used: once for each change on a node, not in each worker or at each
 * refresh. The log itself limits the lines about a name whose value keeps changing between good and bad (see
 * `quietLog`).
 *
 * The state dict remembers what was said. Correctness depends on other entries there, so complaints take a fixed
 * number of slots and evict no other entry.
 */
export function complaints(state: SafeDict, log: Log, count: Count, countOf: CountOf, keys: Keys): Complaints {
  return {
    bad: (name, reason, lastGood) => {
      const [own, free, said] = slotFor(state, name);
      if (said === reason) {
        return;
      }
      const slot = own ?? free;
      if (slot !== undefined) {
        // dropped: it takes no other entry's room, and at worst the complaint is said again
        state.safe_set(slot, `${name}\0${reason}`);
      }
      count("bad_routes");
      const word = spaceOf(name).badWord;
      const meanwhile =
        lastGood === undefined ? "it has no last good value" : `its last good value serves: ${oneLine(lastGood)}`;
      log.error(`${word} ${printable(keys.keyOf(name), KEY_BYTES)}: ${reason}; ${meanwhile}`, name);
    },
    good: (name) => {
      // Fast path: each good reading comes here, and most nodes have never had a complaint.
      if (countOf("bad_routes") === 0) {
        return;
      }
      const [own] = slotFor(state, name);
      if (own !== undefined) {
        state.delete(own);
      }
    },
  };
}

/** @returns the slot that a name has and the reason in it; or, if it has none, the first free one that it may take. */
function slotFor(
  state: SafeDict,
  name: string,
): LuaMultiReturn<[own: string | undefined, free: string | undefined, said: string | undefined]> {
  const [first, begins] = [hash(name), `${name}\0`];
  let free: string | undefined;
  for (const i of $range(0, PROBES - 1)) {
    const slot = `${STATE_PREFIXES.bad}${(first + i) % SLOTS}`;
    const [held] = state.get(slot);
    if (held === undefined) {
      free ??= slot;
    } else if (string.sub(held as string, 1, begins.length) === begins) {
      return $multi(slot, undefined, string.sub(held as string, begins.length + 1));
    }
  }
  return $multi(undefined, free, undefined);
}

function hash(name: string): number {
  let sum = 0;
  for (const i of $range(1, name.length)) {
    sum = (31 * sum + string.byte(name, i)) % 65_521;
  }
  return sum;
}

/** @returns a value on one line. A hash has a line for each field, and begins with a line feed (see `printFields`). */
function oneLine(text: string): string {
  const [listed] = string.gsub(text, "\n", ", ");
  const [spaced] = string.gsub(listed, "\t", " ");
  const [line] = string.gsub(spaced, "^, ", "");
  return printable(line, SHOWN_BYTES);
}

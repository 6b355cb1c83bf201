import { Complaints } from "../cache/shared";
import { spaceOf } from "../redis/key_spaces";
import { Keys } from "../redis/keys";
import { Log, SafeDict } from "../ports";
import { printable } from "../text/complaint";
import { Count, CountOf } from "../state/counters";
import { STATE_PREFIXES } from "../state/keys";

/** How many names are remembered of which it was said that they are bad; beyond, it is said again whenever they are read. */
const SLOTS = 1000;

/** In how many slots a name may be. */
const PROBES = 8;

/** How much of a key is shown, bytes: all of any that can be a host's or a pool's, with a usual prefix. */
const KEY_BYTES = 400;

/** How much of the last good value is shown, bytes: nginx cuts a line of its log at two thousand. */
const SHOWN_BYTES = 200;

/**
 * Says in the log why a route or a pool cannot be used: once for each change on a node, not once a worker nor once a
 * refresh. Values that go from good to bad all the time are for the log to limit, by the name (see `quietLog`).
 *
 * What was said is remembered in the state dict, which holds what correctness depends on: so in a fixed number of slots,
 * and without taking room from anything else.
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
      // Mostly there never was a complaint on the node, and each good reading comes here.
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

/** @returns the slot that a name has and the reason in it; or, if it has none, the first free one of those it may have. */
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

/** A hash has a line for each field, and the first begins with its line feed; see `printFields`. */
function oneLine(text: string): string {
  const [listed] = string.gsub(text, "\n", ", ");
  const [spaced] = string.gsub(listed, "\t", " ");
  const [line] = string.gsub(spaced, "^, ", "");
  return printable(line, SHOWN_BYTES);
}

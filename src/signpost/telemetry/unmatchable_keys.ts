import { TellUnmatchable } from "../redis/keys";
import { Log } from "../ports";
import { printable } from "../text/complaint";

/** How many keys are reported; further ones are not. */
const MOST_KEYS = 1000;

/** How much of a key is shown, bytes. */
const SHOWN_BYTES = 300;

/** The subject of all these log lines, so that at most a few are written a minute (see `quietLog`). */
const SUBJECT = "keys that no request matches";

/** Reports each key that no request can match, once in a worker, with the key that was probably meant. */
export function unmatchableKeys(log: Log): TellUnmatchable {
  const said = new LuaSet<string>();
  let count = 0;
  return (key, meant) => {
    if (count >= MOST_KEYS || said.has(key)) {
      return;
    }
    said.add(key);
    count += 1;
    const [shown, right] = [printable(key, SHOWN_BYTES), printable(meant, SHOWN_BYTES)];
    log.warn(`${shown}: no request matches this key, because hosts are looked up as ${right}`, SUBJECT);
  };
}

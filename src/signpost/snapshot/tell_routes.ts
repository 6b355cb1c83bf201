import { ReadValue } from "../redis/forms";
import { spaceOf } from "../redis/key_spaces";
import { Keys } from "../redis/keys";
import { ABSENT, Reading } from "../redis/reading";
import { readingOf } from "../redis/replies";
import { ReachProblem } from "../format/reach";
import { withinReach } from "../redis/within_reach";
import { GatheredCommand, MOST_BYTES, MOST_ITEMS, TellKey } from "./gather";

/** Told of each route and pool in turn, by its name in the cache. Told again for a name, it replaces what was told. */
export type TakeRoute = (this: void, name: string, reading: Reading) => void;

/** Makes what a file says of a key into what the cache is told of its names. */
export interface Teller {
  readonly string: (this: void, key: string, text: string) => void;
  readonly items: TellKey;
}

/** Which type a command makes, by Redis's word for it. */
const TYPES: Readonly<Record<GatheredCommand, string>> = { HSET: "hash", RPUSH: "list", SADD: "set", DEL: "none" };

const TOO_MUCH: Reading = {
  kind: "bad",
  reason: `expected no more than ${MOST_ITEMS} fields and values, items or members, and ${MOST_BYTES} bytes, got more`,
};

/** Reads values as they are told, and tells `take`: of one that leads where it may not, that it is bad. */
export function teller(keys: Keys, reach: ReachProblem | undefined, take: TakeRoute): Teller {
  const { readOnce, isUseful } = readerOnce();
  // What is being told; here, because a function made for each line would keep LuaJIT from compiling any of this.
  let value = "";
  let held: readonly string[] = [];
  let heldText: string | undefined;
  let type = "";
  let isCutOff = false;
  let isMeant = true;
  let readNow: (this: void, name: string) => Reading = readValue;

  return {
    string: (key, text) => {
      value = text;
      tellNames(key, readValue);
    },
    items: (key, command, items, isTooMuch) => {
      held = items;
      heldText = isUseful() ? textOf(items) : undefined;
      type = TYPES[command];
      isCutOff = isTooMuch;
      tellNames(key, readItems);
    },
  };

  function readValue(this: void, name: string): Reading {
    return readOnce(spaceOf(name).forms.string, value, value);
  }

  function readItems(this: void, name: string): Reading {
    const form = spaceOf(name).forms.others[type];
    if (form === undefined) {
      return ABSENT;
    }
    return isCutOff ? TOO_MUCH : readOnce(form.read, held, heldText);
  }

  function tellNames(key: string, read: (this: void, name: string) => Reading): void {
    isMeant = true;
    readNow = read;
    keys.eachName(key, tellName);
  }

  /** A key under both prefixes is meant by the longer one: by the other it is told only if it is good there. */
  function tellName(this: void, name: string): void {
    const reading = withinReach(reach, name, readNow(name));
    if (isMeant || reading.kind !== "bad") {
      take(name, reading);
    }
    isMeant = false;
  }
}

/** Many routes have the same value: the first so many different ones are read once. */
const REMEMBERED_VALUES = 10_000;

/** Values of more items are not worth remembering. */
const REMEMBERED_ITEMS = 16;

/** When so many values in a row were new, the rest of the file is not expected to repeat any. */
const MOST_NEW = 20_000;

/** Reads a value, or remembers what was read of the same one. */
type ReadOnce = <V extends string | readonly string[]>(
  this: void,
  read: ReadValue<V>,
  value: V,
  text: string | undefined,
) => Reading;

/**
 * @returns a reader that takes, besides the value, a text that no other value has; without one it reads anew. And whether
 * it remembers anything: not after many values that were all different.
 */
function readerOnce(): { readOnce: ReadOnce; isUseful: (this: void) => boolean } {
  let known = new LuaMap<AnyNotNil, LuaMap<string, Reading>>();
  let room = REMEMBERED_VALUES;
  let newInARow = 0;
  const isUseful = () => newInARow <= MOST_NEW;
  const readOnce: ReadOnce = (read, value, text) => {
    if (text === undefined || !isUseful()) {
      return readingOf(read, value);
    }
    const readings = known.get(read) ?? new LuaMap<string, Reading>();
    known.set(read, readings);
    const before = readings.get(text);
    if (before !== undefined) {
      newInARow = 0;
      return before;
    }
    const reading = readingOf(read, value);
    if (room > 0) {
      room -= 1;
      readings.set(text, reading);
    }
    newInARow += 1;
    if (!isUseful()) known = new LuaMap();
    return reading;
  };
  return { readOnce, isUseful };
}

/** @returns nothing for many items, or for one that holds what stands between them in the text */
function textOf(items: readonly string[]): string | undefined {
  if (items.length > REMEMBERED_ITEMS) {
    return undefined;
  }
  for (const item of items) {
    const [separator] = string.find(item, "\0", 1, true);
    if (separator !== undefined) return undefined;
  }
  return table.concat(items as string[], "\0");
}

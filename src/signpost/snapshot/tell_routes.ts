import { ReadValue } from "../redis/forms";
import { spaceOf } from "../redis/key_spaces";
import { Keys } from "../redis/keys";
import { ABSENT, Reading } from "../redis/reading";
import { readingOf } from "../redis/replies";
import { ReachProblem } from "../format/reach";
import { withinReach } from "../redis/within_reach";
import { GatheredCommand, MOST_BYTES, MOST_ITEMS, TellKey } from "./gather";

/** Receives each route and pool by its name in the cache. A later call for the same name replaces the earlier one. */
export type TakeRoute = (this: void, name: string, reading: Reading) => void;

/** Converts what a file says about a key into readings of the cache's names. */
export interface Teller {
  readonly string: (this: void, key: string, text: string) => void;
  readonly items: TellKey;
}

/** The Redis type that each command makes. */
const TYPES: Readonly<Record<GatheredCommand, string>> = { HSET: "hash", RPUSH: "list", SADD: "set", DEL: "none" };

const TOO_MUCH: Reading = {
  kind: "bad",
  reason: `expected no more than ${MOST_ITEMS} fields and values, items or members, and ${MOST_BYTES} bytes, got more`,
};

/** Parses values as they arrive and passes them to `take`. A value that leads outside `reach` is passed as bad. */
export function teller(keys: Keys, reach: ReachProblem | undefined, take: TakeRoute): Teller {
  const { readOnce, isUseful } = readerOnce();
  // The key being told. These variables are shared, because a closure made for each line would keep LuaJIT from
  // compiling this code.
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

  /**
   * A key under several prefixes belongs to the longest one, whose name comes first. Its other names are told only if
   * they are not bad.
   */
  function tellName(this: void, name: string): void {
    const reading = withinReach(reach, name, readNow(name));
    if (isMeant || reading.kind !== "bad") {
      take(name, reading);
    }
    isMeant = false;
  }
}

/**
 * How many different values are remembered. Many routes have the same value, and each remembered value is parsed once.
 */
const REMEMBERED_VALUES = 10_000;

/** Values with more items than this are not worth remembering. */
const REMEMBERED_ITEMS = 16;

/** After more new values in a row than this, the rest of the file is not expected to repeat any. */
const MOST_NEW = 20_000;

/** Parses a value, or returns the remembered reading of the same value. */
type ReadOnce = <V extends string | readonly string[]>(
  this: void,
  read: ReadValue<V>,
  value: V,
  text: string | undefined,
) => Reading;

/**
 * @returns `readOnce` and `isUseful`. Besides the value, `readOnce` takes a text that no other value has. Without a
 * text it parses the value again. `isUseful` is false after too many new values in a row, because nothing is remembered
 * from then on.
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

/** @returns a text that no other items have; nothing for many items, or if an item holds the separator */
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

/** A command of a file that writes a key which is not a string, or that deletes one. */
export type GatheredCommand = "HSET" | "RPUSH" | "SADD" | "DEL";

/**
 * Told what a key holds; of one that is deleted, nothing, by `DEL`.
 * @param isTooMuch it holds more than was kept: the items are none
 */
export type TellKey = (
  this: void,
  key: string,
  command: GatheredCommand,
  items: readonly string[],
  isTooMuch: boolean,
) => void;

/** Told how many bytes are about to be worked on. False: nothing more is to be done. May yield. */
export type PassBytes = (this: void, bytes: number) => boolean;

/**
 * What the lines of a file so far have made of the keys that several lines may write: as Redis would hold them, but for a
 * key that was a string before. Redis would refuse to make it a hash, list or set (WRONGTYPE); here the last form wins, for
 * to remember every string would cost more memory than all the rest.
 *
 * Invariant: of one key, no more than {@link MOST_ITEMS} items and {@link MOST_BYTES} bytes are kept, however much the file
 * has of it, and no call does more work than that.
 * @noSelf
 */
export interface Gathered {
  /**
   * @param words of the line, the command and the key included; if they are more than {@link MOST_WORDS}, any beginning
   * @returns why Redis would refuse the command, or nothing; nothing too where it would for the key is a string
   */
  add(command: GatheredCommand, key: string, words: readonly string[]): string | undefined;
  /** The key is a string from now on. */
  forget(key: string): void;
  /**
   * Tells of each key once, in the order in which they came, and forgets them all.
   * @param pass called before each key; false ends the telling
   * @returns false if it was ended
   */
  each(tell: TellKey, pass: PassBytes): boolean;
}

/** More than any good route or pool has: fields with their values, items or members; what has still more is cut off. */
export const MOST_ITEMS = 4096;
export const MOST_BYTES = 262_144;

/** A line of more words than this need not be read to its end: it has too many items. */
export const MOST_WORDS = MOST_ITEMS + 2;

const MADE: Readonly<Record<GatheredCommand, string>> = {
  HSET: "a hash",
  RPUSH: "a list",
  SADD: "a set",
  DEL: "nothing",
};

/** How many items begin with one that a key has once: the others are the last that came with it. A list has no such. */
export const STEPS: Readonly<Record<GatheredCommand, number | undefined>> = {
  HSET: 2,
  SADD: 1,
  RPUSH: undefined,
  DEL: undefined,
};

/** What the lines so far have made of one key. */
interface Held {
  readonly command: GatheredCommand;
  items: string[];
  count: number;
  bytes: number;
  /** Where each field, or member, stands among the items; made when there is a second one. */
  places: LuaMap<string, number> | undefined;
  isTooMuch: boolean;
}

/** Makes an empty one. */
export function newGathered(): Gathered {
  let order: string[] = [];
  const held = new LuaMap<string, Held>();

  return {
    add: (command, key, words) => {
      const before = held.get(key);
      if (before === undefined) order.push(key);
      if (before === undefined || before.command === "DEL" || command === "DEL") {
        const made: Held = { command, items: [], count: 0, bytes: 0, places: undefined, isTooMuch: false };
        held.set(key, made);
        addItems(made, words);
        return undefined;
      }
      if (before.command !== command) {
        return `expected ${before.command} or DEL, for the key is ${MADE[before.command]}`;
      }
      addItems(before, words);
      return undefined;
    },
    forget: (key) => {
      held.delete(key);
    },
    each: (tell, pass) => {
      for (const key of order) {
        // One that was a string in between is in the order twice.
        const one = held.get(key);
        held.delete(key);
        if (!pass(one?.bytes ?? 0)) return false;
        if (one !== undefined) tell(key, one.command, one.items, one.isTooMuch);
      }
      order = [];
      return true;
    },
  };
}

/** Adds what stands after a line's command and key, as Redis would: a field gets its last value, a member is there once. */
function addItems(held: Held, words: readonly string[]): void {
  const step = STEPS[held.command];
  if (words.length > MOST_WORDS) cutOff(held);
  for (const i of $range(2, words.length - 1, step ?? 1)) {
    if (held.isTooMuch) return;
    if (step === undefined) {
      put(held, held.count, words[i] as string);
    } else {
      const place = placeOf(held, words[i] as string, step);
      put(held, place, words[i] as string);
      if (step === 2) put(held, place + 1, words[i + 1] as string);
    }
    if (held.count > MOST_ITEMS || held.bytes > MOST_BYTES) cutOff(held);
  }
}

/** @returns where this field or member stands: where it did, or after the last. */
function placeOf(held: Held, name: string, step: number): number {
  if (held.count === 0) return 0;
  held.places ??= placesOf(held, step);
  const place = held.places.get(name) ?? held.count;
  held.places.set(name, place);
  return place;
}

function placesOf(held: Held, step: number): LuaMap<string, number> {
  const { items, count } = held;
  const places = new LuaMap<string, number>();
  for (const i of $range(0, count - 1, step)) places.set(items[i] as string, i);
  return places;
}

function put(held: Held, place: number, item: string): void {
  const before = held.items[place] ?? "";
  held.bytes += item.length - before.length;
  held.items[place] = item;
  if (place === held.count) held.count += 1;
}

function cutOff(held: Held): void {
  held.items = [];
  held.places = undefined;
  held.isTooMuch = true;
}

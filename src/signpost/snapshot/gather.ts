/** A file command that writes a hash, list or set, or that deletes a key. */
export type GatheredCommand = "HSET" | "RPUSH" | "SADD" | "DEL";

/**
 * Receives what a key holds. For a deleted key, the command is `DEL` and there are no items.
 * @param isTooMuch the key exceeds the limits; there are then no items
 */
export type TellKey = (
  this: void,
  key: string,
  command: GatheredCommand,
  items: readonly string[],
  isTooMuch: boolean,
) => void;

/** Receives the number of bytes that are about to be processed. False: stop. May yield. */
export type PassBytes = (this: void, bytes: number) => boolean;

/**
 * The keys that several lines of a file may write, as the lines so far have made them. They are what Redis would hold,
 * except for a key that was a string before. Redis refuses to make it a hash, list or set (WRONGTYPE). Here the last
 * type wins, because remembering every string would cost more memory than everything else.
 *
 * Invariant: a key keeps at most {@link MOST_ITEMS} items and {@link MOST_BYTES} bytes, however much the file holds for
 * it, and no call does more work than that.
 * @noSelf
 */
export interface Gathered {
  /**
   * @param words the words of the line, including the command and the key. Of a line with more than {@link MOST_WORDS}
   * words, any beginning with more than that many is enough
   * @returns why Redis would refuse the command; nothing if it would not, or only because the key is a string
   */
  add(command: GatheredCommand, key: string, words: readonly string[]): string | undefined;
  /** Forgets the key's items, because the key is a string from now on. */
  forget(key: string): void;
  /**
   * Tells each key once, in the order in which they came, and forgets them all.
   * @param pass called before each key; false stops
   * @returns false if `pass` stopped it
   */
  each(tell: TellKey, pass: PassBytes): boolean;
}

/**
 * Limits of a key: its number of items (fields and values, list items, or members) and their bytes. No good route or
 * pool exceeds them. A key that does is cut off.
 */
export const MOST_ITEMS = 4096;
export const MOST_BYTES = 262_144;

/** The most words of a line that count. A line with more words has too many items, so its rest need not be read. */
export const MOST_WORDS = MOST_ITEMS + 2;

const MADE: Readonly<Record<GatheredCommand, string>> = {
  HSET: "a hash",
  RPUSH: "a list",
  SADD: "a set",
  DEL: "nothing",
};

/**
 * Items per entry where entries are unique: 2 for a hash (a field and its value), 1 for a set (a member). A later entry
 * replaces an equal one. The items of a list may repeat.
 */
export const STEPS: Readonly<Record<GatheredCommand, number | undefined>> = {
  HSET: 2,
  SADD: 1,
  RPUSH: undefined,
  DEL: undefined,
};

/** One key, as the lines so far have made it. */
interface Held {
  readonly command: GatheredCommand;
  items: string[];
  count: number;
  bytes: number;
  /** The index of each field or member among the items. Made when there is a second one. */
  places: LuaMap<string, number> | undefined;
  isTooMuch: boolean;
}

/** @returns a store without keys. */
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
        // A key that was a string in between is in the order twice.
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

/**
 * Adds the words after a line's command and key, as Redis would: a field takes its last value, a member is stored once.
 */
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

/** @returns the index of this field or member: the one it has, or the end if it is new. */
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

import { parseCommand } from "./command_line";

/** A command of a file that writes a key which is not a string, or that deletes one. */
export type GatheredCommand = "HSET" | "RPUSH" | "SADD" | "DEL";

/** Told what a key holds; of one that is deleted, nothing, by `DEL`. */
export type TellKey = (this: void, key: string, command: GatheredCommand, items: readonly string[]) => void;

/** Told of a line that is about to be read. False: nothing more is to be read. May yield. */
export type PassLine = (this: void, line: string) => boolean;

/**
 * What the lines of a file so far have made of the keys that several lines may write: as Redis would hold them, but for a
 * key that was a string before. Redis would refuse to make it a hash, list or set (WRONGTYPE); here the last form wins, for
 * to remember every string would cost more memory than all the rest.
 * @noSelf
 */
export interface Gathered {
  /**
   * @param line the whole of it, which `parseCommand` has read
   * @returns why Redis would refuse the command, or nothing; nothing too where it would for the key is a string
   */
  add(command: GatheredCommand, key: string, line: string): string | undefined;
  /** The key is a string from now on. */
  forget(key: string): void;
  /**
   * Tells of each key once, in the order in which they came, and forgets it.
   * @param pass called before each line that is read again for that, and for each deletion; false ends the telling
   * @returns false if it was ended
   */
  each(tell: TellKey, pass: PassLine): boolean;
}

/** What stands for the line that has deleted a key. */
const DELETED = "";

const MADE: Readonly<Record<GatheredCommand, string>> = {
  HSET: "a hash",
  RPUSH: "a list",
  SADD: "a set",
  DEL: "nothing",
};

/**
 * Makes an empty one. It keeps the lines as they are: a million strings take a quarter of the memory, and of the time to
 * collect it, that a million tables of their words do.
 */
export function newGathered(): Gathered {
  const order: string[] = [];
  const firsts = new LuaMap<string, string>();
  /** Of the few keys that have several lines, the others. */
  const more = new LuaMap<string, string[]>();

  return {
    add: (command, key, line) => {
      const first = firsts.get(key);
      if (first === undefined) order.push(key);
      if (command === "DEL" || first === undefined || first === DELETED) {
        firsts.set(key, command === "DEL" ? DELETED : line);
        more.delete(key);
        return undefined;
      }
      const before = commandOf(wordsOf(first));
      if (before !== command) return `expected ${before} or DEL, for the key is ${MADE[before]}`;
      const lines = more.get(key) ?? [];
      lines.push(line);
      more.set(key, lines);
      return undefined;
    },
    forget: (key) => {
      firsts.delete(key);
      more.delete(key);
    },
    each: (tell, pass) => {
      for (const key of order) {
        // One that was a string in between is in the order twice.
        const first = firsts.get(key);
        firsts.delete(key);
        if (!pass(first ?? DELETED)) return false;
        if (first !== undefined && !tellLines(key, first, more.get(key) ?? [], tell, pass)) return false;
      }
      return true;
    },
  };
}

/** @returns false, and has told nothing, if `pass` has ended it. */
function tellLines(key: string, first: string, more: readonly string[], tell: TellKey, pass: PassLine): boolean {
  const words = wordsOf(first);
  const items: string[] = [];
  addItems(items, words);
  for (const line of more) {
    if (!pass(line)) return false;
    addItems(items, wordsOf(line));
  }
  const command = first === DELETED ? "DEL" : commandOf(words);
  tell(key, command, settle(command, items));
  return true;
}

function wordsOf(line: string): readonly string[] {
  const [words = []] = parseCommand(line);
  return words;
}

function commandOf(words: readonly string[]): GatheredCommand {
  return string.upper(words[0] ?? "") as GatheredCommand;
}

/** Adds what stands after a line's command and key. */
function addItems(items: string[], words: readonly string[]): void {
  for (const i of $range(2, words.length - 1)) items.push(words[i] as string);
}

/** @returns the items as Redis would tell them: a field with its last value, a member once. */
function settle(command: GatheredCommand, items: readonly string[]): readonly string[] {
  if (command === "HSET") return distinct(items, 2);
  return command === "SADD" ? distinct(items, 1) : items;
}

/** @param step how many items begin with one that is told once: the others are the last that came with it */
function distinct(items: readonly string[], step: number): readonly string[] {
  const places = new LuaMap<string, number>();
  const kept: string[] = [];
  for (const i of $range(0, items.length - 1, step)) {
    const name = items[i] as string;
    const place = places.get(name) ?? kept.length;
    places.set(name, place);
    for (const offset of $range(0, step - 1)) kept[place + offset] = items[i + offset] as string;
  }
  return kept;
}

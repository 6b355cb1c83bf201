/**
 * Tells the keys that a file mentions once from those it may mention again: the former need not be remembered.
 *
 * It holds no key, only a number of each: a million strings in memory would cost the garbage collector, and LuaJIT's
 * table of all strings, pauses of many milliseconds. Two keys may have the same number; then both may be mentioned again.
 *
 * @noSelf
 */
export interface Mentions {
  /** A line, or several in a row, mention the key. */
  note(key: string): void;
  /** The key was mentioned in another way; it counts only if it has been noted. */
  noteAgain(key: string): void;
  /** Never false for a key that was noted twice, or once and then again. */
  isRepeated(key: string): boolean;
  /** Whether no key was noted. */
  isEmpty(): boolean;
}

/** The numbers are in so many tables, so that none grows large: a table that grows is built anew, all in one piece. */
const SHARDS = 4096;

/** @param hash a whole number of 32 bits, spread evenly */
export function newMentions(hash: (this: void, key: string) => number): Mentions {
  const shards = new LuaTable<number, LuaMap<number, boolean>>();
  let isEmpty = true;

  return {
    note: (key) => {
      isEmpty = false;
      const code = hash(key);
      const shard = shards.get(code % SHARDS) ?? new LuaMap<number, boolean>();
      shards.set(code % SHARDS, shard);
      shard.set(code, shard.has(code));
    },
    noteAgain: (key) => {
      if (isEmpty) return;
      const code = hash(key);
      const shard = shards.get(code % SHARDS);
      if (shard?.get(code) === false) shard.set(code, true);
    },
    isRepeated: (key) => {
      const code = hash(key);
      return shards.get(code % SHARDS)?.get(code) === true;
    },
    isEmpty: () => isEmpty,
  };
}

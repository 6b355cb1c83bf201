import { PassBytes } from "./gather";

/**
 * Tells the keys that a file mentions once from those it may mention again: the former need not be remembered.
 *
 * It holds no key, only a number for each time that one is noted: a million strings in memory would cost the garbage
 * collector, and LuaJIT's table of all strings, pauses of many milliseconds. Two keys may have the same number; then both
 * may be mentioned again.
 *
 * @noSelf
 */
export interface Mentions {
  /** A line, or several in a row, mention the key. */
  note(key: string): void;
  /** The key was mentioned in another way; it counts only if it has been noted. */
  noteAgain(key: string): void;
  /** Whether no key was noted. */
  isEmpty(): boolean;
  /**
   * Once all is noted: finds the keys that were noted twice, or once and then again; and forgets the others.
   * @param pass called between the pieces of the work; false ends it
   * @returns what is never false for such a key; nothing if it was ended
   */
  findRepeated(pass: PassBytes): IsRepeated | undefined;
}

/** Whether a key may be mentioned again. */
export type IsRepeated = (this: void, key: string) => boolean;

/** The numbers are in so many lists, so that none grows large: one that grows is copied, all in one piece. */
const SHARDS = 4096;

/** Added to the number of a key that was mentioned in another way. Numbers are smaller. */
const AGAIN = 2 ** 32;

/** What it costs to look at a number, in bytes of a line that is read. */
const NUMBER_BYTES = 4;

/** @param hash a whole number of 32 bits, spread evenly */
export function newMentions(hash: (this: void, key: string) => number): Mentions {
  const shards = new LuaTable<number, number[]>();
  let isEmpty = true;

  return {
    note: (key) => {
      isEmpty = false;
      add(hash(key), 0);
    },
    noteAgain: (key) => {
      if (!isEmpty) add(hash(key), AGAIN);
    },
    isEmpty: () => isEmpty,
    findRepeated: (pass) => {
      const repeated = new LuaTable<number, LuaSet<number> | undefined>();
      for (const i of $range(0, SHARDS - 1)) {
        const numbers = shards.get(i);
        if (numbers !== undefined) {
          if (!pass(NUMBER_BYTES * numbers.length)) return undefined;
          repeated.set(i, repeatedOf(numbers));
          shards.delete(i);
        }
      }
      return (key) => {
        const code = hash(key);
        return repeated.get(code % SHARDS)?.has(code) === true;
      };
    },
  };

  function add(code: number, kind: number): void {
    const numbers = shards.get(code % SHARDS) ?? newShard(code % SHARDS);
    numbers.push(code + kind);
  }

  function newShard(i: number): number[] {
    const numbers: number[] = [];
    shards.set(i, numbers);
    return numbers;
  }
}

/**
 * @param numbers in the order in which they were noted
 * @returns nothing where none is repeated
 */
function repeatedOf(numbers: readonly number[]): LuaSet<number> | undefined {
  const noted = new LuaSet<number>();
  let repeated: LuaSet<number> | undefined;
  for (const number of numbers) {
    const code = number % AGAIN;
    if (noted.has(code)) {
      repeated ??= new LuaSet();
      repeated.add(code);
    } else if (number < AGAIN) {
      noted.add(code);
    }
  }
  return repeated;
}

import { PassBytes } from "./gather";

/**
 * Separates the keys that a file mentions once from those that it may mention again. The former need not be remembered.
 *
 * It holds no keys, only one number per mention. A million strings in memory would cost pauses of many milliseconds in
 * the garbage collector and in LuaJIT's table of all strings. If two keys have the same number, both may be mentioned
 * again.
 *
 * @noSelf
 */
export interface Mentions {
  /** Notes a key that a line, or several lines in a row, mention. */
  note(key: string): void;
  /** Notes a mention of another kind, such as a SET. It counts only if the key was noted before. */
  noteAgain(key: string): void;
  /** Whether no key was noted. */
  isEmpty(): boolean;
  /**
   * Finds the keys that were noted twice, or once by `note` and then by `noteAgain`, and forgets the others. Call it
   * when all keys are noted.
   * @param pass called between pieces of the work; false stops it
   * @returns a test that is never false for such a key; nothing if `pass` stopped the work
   */
  findRepeated(pass: PassBytes): IsRepeated | undefined;
}

/** Whether a key may be mentioned again. */
export type IsRepeated = (this: void, key: string) => boolean;

/**
 * The number of lists that the numbers are spread over. Each list stays small, because Lua copies a growing list as a
 * whole.
 */
const SHARDS = 4096;

/** Added to the number of a mention by `noteAgain`. Hashes are smaller than this. */
const AGAIN = 2 ** 32;

/** The cost of looking at one number, as the length of a line that costs as much to read, bytes. */
const NUMBER_BYTES = 4;

/** @param hash returns a whole number of 32 bits, evenly distributed */
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
 * @returns the repeated numbers; nothing if there are none
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

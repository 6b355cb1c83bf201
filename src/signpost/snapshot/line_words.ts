import { Result } from "../result";
import { parseCommand } from "./command_line";

/**
 * The words of one line at a time. A word of a plain line is made only when it is asked for: of most lines, the first
 * reading of a file needs two.
 * @noSelf
 */
export interface LineWords {
  /**
   * Takes the next line; what it says is what `parseCommand` says of it.
   * @returns how many words it has; of one that has more than can be used, one more than these
   */
  split(line: string): Result<number, "bad_line">;
  /** @returns how many words the line has; see `split`. */
  count(): number;
  /** @returns the word at an index, from 0 on; nothing if there are fewer. */
  word(index: number): string | undefined;
  /** Fills a list with the words from an index on. @returns the list */
  from(index: number, list: string[]): string[];
}

/** What a line needs `parseCommand` for: quotes, white space other than the blank, and NUL. */
const NOT_PLAIN = ['"', "'", "\t", "\r", "\v", "\f", "\n", "\0"];

/** @param mostWords how many words of a line can be used */
export function newLineWords(mostWords: number): LineWords {
  let text = "";
  let count = 0;
  /** Of a plain line, where its words begin and end; kept from line to line, for a new table would cost as much as a word. */
  const [begins, ends] = [[] as number[], [] as number[]];
  /** The words of a line that is not plain. */
  let parsed: readonly string[] | undefined;

  return { split, count: () => count, word, from };

  function split(line: string): Result<number, "bad_line"> {
    text = line;
    if (isPlain(line)) {
      parsed = undefined;
      count = splitPlain(line);
      return $multi(count, undefined);
    }
    const [words, err, detail] = parseCommand(line, mostWords);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    parsed = words;
    count = words.length;
    return $multi(count, undefined);
  }

  /** @returns how many words there are */
  function splitPlain(line: string): number {
    let found = 0;
    let at = 1;
    while (found <= mostWords && at <= line.length) {
      const [blank = line.length + 1] = string.find(line, " ", at, true);
      if (blank > at) {
        begins[found] = at;
        ends[found] = blank - 1;
        found += 1;
      }
      at = blank + 1;
    }
    return found;
  }

  function word(index: number): string | undefined {
    if (index >= count) {
      return undefined;
    }
    return parsed === undefined ? string.sub(text, begins[index] as number, ends[index]) : parsed[index];
  }

  function from(index: number, list: string[]): string[] {
    for (const i of $range(list.length - 1, count - index, -1)) list[i] = undefined as never;
    for (const i of $range(index, count - 1)) list[i - index] = word(i) as string;
    return list;
  }
}

/** Nearly every line of a large file is plain. LuaJIT compiles a search for one byte, and not one for a pattern. */
function isPlain(line: string): boolean {
  for (const sign of NOT_PLAIN) {
    const [found] = string.find(line, sign, 1, true);
    if (found !== undefined) return false;
  }
  return true;
}

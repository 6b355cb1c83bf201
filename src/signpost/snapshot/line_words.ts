import { Result } from "../result";
import { parseCommand } from "./command_line";

/**
 * Splits one line at a time into words. It makes a word of a plain line only when the word is requested, because the
 * first pass over a file needs only two words of most lines.
 * @noSelf
 */
export interface LineWords {
  /**
   * Takes the next line. Errors are those of `parseCommand`.
   * @returns the number of words. A line with more words than can be used counts as one word more than that limit
   */
  split(line: string): Result<number, "bad_line">;
  /** @returns how many words the line has, as `split` counts them. */
  count(): number;
  /** @returns the word at an index, from 0; nothing after the last word. */
  word(index: number): string | undefined;
  /** Fills a list with the words from an index on. @returns the list */
  from(index: number, list: string[]): string[];
}

/** A line with one of these needs `parseCommand`: quotes, white space other than the blank, and NUL. */
const NOT_PLAIN = ['"', "'", "\t", "\r", "\v", "\f", "\n", "\0"];

/** @param mostWords how many words of a line can be used */
export function newLineWords(mostWords: number): LineWords {
  let text = "";
  let count = 0;
  /**
   * Where the words of a plain line begin and end. These tables are reused, because a new one would cost as much as a
   * word.
   */
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

  /** @returns the number of words, as `split` counts them */
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

/** Nearly every line of a large file is plain. LuaJIT compiles a search for one byte, but not for a pattern. */
function isPlain(line: string): boolean {
  for (const sign of NOT_PLAIN) {
    const [found] = string.find(line, sign, 1, true);
    if (found !== undefined) return false;
  }
  return true;
}

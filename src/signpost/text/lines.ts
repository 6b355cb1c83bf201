import { LineReader } from "../ports";
import { Result } from "../result";

/** A file that is open for reading. */
export interface OpenFile {
  /** @returns at most so many bytes, from where the last call ended; nothing at the end, with a problem if it fails. */
  read(this: void, bytes: number): LuaMultiReturn<[piece: string | undefined, problem: string | undefined]>;
  /** Goes back to the first byte. */
  rewind(this: void): void;
  close(this: void): void;
}

/** How much of a file is read at once, bytes. */
const PIECE = 65_536;

/**
 * The longest line, in bytes. No good route or pool needs more: 65,536 bytes of fields and values, each byte written in
 * four (`\xHH`), with its key and the quotes and blanks around some two thousand words.
 */
export const LONGEST_LINE = 524_288;

/**
 * Reads an open file line by line; the last line needs no end. Not `io.lines`, which ends a line at a NUL as well, and
 * takes a file that cannot be read any further for one that ends there.
 *
 * Invariant: however long a line is, it is looked at once, and no more than {@link LONGEST_LINE} and one piece of it are
 * in memory.
 *
 * @param path what the problems begin with
 */
export function newLineReader(file: OpenFile, path: string): LineReader {
  let text = "";
  let at = 1;
  /** What was read of the line that `text` goes on with. */
  let begun: string[] = [];
  let begunBytes = 0;
  let isLong = false;
  let isEnded = false;

  return {
    close: file.close,
    rewind: () => {
      file.rewind();
      text = "";
      at = 1;
      forgetBegun();
      isEnded = false;
    },
    next: () => {
      for (;;) {
        const [end] = string.find(text, "\n", at, true);
        if (end !== undefined) {
          const line = string.sub(text, at, end - 1);
          at = end + 1;
          if (begunBytes > 0) {
            return wholeLine(line);
          }
          return $multi(line, undefined);
        }
        begin();
        if (isEnded) {
          if (begunBytes > 0) {
            return wholeLine("");
          }
          return $multi(undefined, undefined);
        }
        const [piece, problem] = file.read(PIECE);
        if (problem !== undefined) {
          return $multi(undefined, "file_error", `${path}: ${problem}`);
        }
        isEnded = piece === undefined;
        text = piece ?? "";
        if (isLong) {
          return $multi(undefined, "in_long_line", path);
        }
      }
    },
  };

  /** Keeps the rest of `text` as the beginning of a line; of one that is too long, only that there is one. */
  function begin(): void {
    const rest = string.sub(text, at);
    text = "";
    at = 1;
    begunBytes += rest.length;
    isLong ||= begunBytes > LONGEST_LINE;
    if (isLong) {
      begun = [];
    } else if (rest !== "") {
      begun.push(rest);
    }
  }

  /** @param rest what the line that was begun ends with */
  function wholeLine(rest: string): Result<string, "long_line"> {
    const isTooLong = isLong || begunBytes + rest.length > LONGEST_LINE;
    const line = isTooLong ? "" : table.concat(begun) + rest;
    forgetBegun();
    if (isTooLong) {
      return $multi(undefined, "long_line", path);
    }
    return $multi(line, undefined);
  }

  function forgetBegun(): void {
    begun = [];
    begunBytes = 0;
    isLong = false;
  }
}

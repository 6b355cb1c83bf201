import { LineReader } from "../ports";
import { Result } from "../result";

/** A file that is open for reading. */
export interface OpenFile {
  /** @returns at most `bytes` bytes, from where the last call ended; nothing at the end; a problem if reading fails. */
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

/** How far a file has been read. */
interface LineState {
  readonly file: OpenFile;
  /** The piece that was read last. */
  text: string;
  /** The first byte of `text` that has not been read, from 1. */
  at: number;
  /** The pieces of the line that `text` goes on with. None of a line that is too long. */
  begun: string[];
  begunBytes: number;
  /** Whether that line is too long. */
  isLong: boolean;
  /** Whether the last piece was read. */
  isEnded: boolean;
}

/**
 * Reads an open file line by line; the last line needs no end. `io.lines` would end a line at a NUL as well, and would take
 * a file that cannot be read any further for one that ends there.
 *
 * Invariant: however long a line is, each byte is searched once, and no more than {@link LONGEST_LINE} and one piece of it
 * are in memory.
 *
 * @param path what the problems begin with
 */
export function newLineReader(file: OpenFile, path: string): LineReader {
  const state: LineState = { file, text: "", at: 1, begun: [], begunBytes: 0, isLong: false, isEnded: false };
  return {
    close: file.close,
    rewind: () => {
      file.rewind();
      state.text = "";
      state.at = 1;
      forgetBegun(state);
      state.isEnded = false;
    },
    next: () => {
      for (;;) {
        const { text, at } = state;
        const [end] = string.find(text, "\n", at, true);
        if (end !== undefined) {
          state.at = end + 1;
          return endLine(state, string.sub(text, at, end - 1), path);
        }
        beginLine(state);
        if (state.isEnded) {
          if (state.begunBytes > 0) return endLine(state, "", path);
          return $multi(undefined, undefined);
        }
        const [piece, problem] = file.read(PIECE);
        if (problem !== undefined) return $multi(undefined, "file_error", `${path}: ${problem}`);
        state.isEnded = piece === undefined;
        state.text = piece ?? "";
        if (state.isLong) return $multi(undefined, "in_long_line", path);
      }
    },
  };
}

/** Keeps the rest of `text` as the beginning of a line. Of a line that is too long, it keeps nothing. */
function beginLine(state: LineState): void {
  const rest = string.sub(state.text, state.at);
  state.text = "";
  state.at = 1;
  state.begunBytes += rest.length;
  state.isLong ||= state.begunBytes > LONGEST_LINE;
  if (state.isLong) {
    state.begun = [];
  } else if (rest !== "") {
    state.begun.push(rest);
  }
}

/** @param rest the end of the line */
function endLine(state: LineState, rest: string, path: string): Result<string, "long_line"> {
  if (state.begunBytes === 0) return $multi(rest, undefined);
  const isTooLong = state.isLong || state.begunBytes + rest.length > LONGEST_LINE;
  const line = isTooLong ? "" : table.concat(state.begun) + rest;
  forgetBegun(state);
  if (isTooLong) return $multi(undefined, "long_line", path);
  return $multi(line, undefined);
}

function forgetBegun(state: LineState): void {
  state.begun = [];
  state.begunBytes = 0;
  state.isLong = false;
}

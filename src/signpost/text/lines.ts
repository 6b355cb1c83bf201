import { LineReader } from "../ports";
import { Result } from "../result";

/** A file open for reading. */
export interface OpenFile {
  /**
   * @returns at most `bytes` bytes, from where the last call ended; nothing at the end of the file; a problem on error.
   */
  read(this: void, bytes: number): LuaMultiReturn<[piece: string | undefined, problem: string | undefined]>;
  /** Goes back to the first byte. */
  rewind(this: void): void;
  close(this: void): void;
}

/** The bytes read from a file at once. */
const PIECE = 65_536;

/**
 * The maximum length of a line, in bytes. No valid route or pool needs more: 65,536 bytes of fields and values, each
 * byte written as four (`\xHH`), plus its key, and the quotes and blanks around about 2,000 words.
 */
export const LONGEST_LINE = 524_288;

/** The state of reading a file. */
interface LineState {
  readonly file: OpenFile;
  /** The last piece read. */
  text: string;
  /** The position of the first unread byte of `text`, from 1. */
  at: number;
  /** The earlier pieces of the line that continues in `text`. Empty if the line is too long. */
  begun: string[];
  begunBytes: number;
  /** Whether that line is too long. */
  isLong: boolean;
  /** Whether the end of the file was reached. */
  isEnded: boolean;
}

/**
 * Reads an open file line by line; the last line needs no line end. `io.lines` would also end a line at a NUL, and
 * would report a read error as the end of the file.
 *
 * Invariant: each byte is searched once, however long its line is. Memory holds at most {@link LONGEST_LINE} bytes and
 * one piece of a line.
 *
 * @param path the beginning of every error detail
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

/** Keeps the rest of `text` as the beginning of a line. Keeps nothing of a line that is too long. */
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

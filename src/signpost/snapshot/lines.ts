import { LineReader } from "../ports";

/** A file that is open: Lua's, as far as it is read (lua-types leaves out what goes wrong). */
export interface OpenFile {
  /** Nothing at the end; with a problem if it cannot be read. */
  read(bytes: number): LuaMultiReturn<[piece: string | undefined, problem: string | undefined]>;
  close(): void;
}

/** How much of a file is read at once, bytes. */
const PIECE = 65_536;

/**
 * Reads an open file line by line; the last line needs no end. Not `io.lines`, which ends a line at a NUL as well, and
 * takes a file that cannot be read any further for one that ends there.
 *
 * @param path what the problems begin with
 */
export function newLineReader(file: OpenFile, path: string): LineReader {
  let text = "";
  let at = 1;
  let isOpen = true;
  const close = () => {
    if (isOpen) {
      isOpen = false;
      file.close();
    }
  };
  const lastLine = () => {
    const line = text === "" ? undefined : text;
    text = "";
    return line;
  };
  return {
    close,
    next: () => {
      while (isOpen) {
        const [end] = string.find(text, "\n", at, true);
        if (end !== undefined) {
          const line = string.sub(text, at, end - 1);
          at = end + 1;
          return $multi(line, undefined);
        }
        const [piece, problem] = file.read(PIECE);
        text = string.sub(text, at) + (piece ?? "");
        at = 1;
        if (piece === undefined) {
          close();
        }
        if (problem !== undefined) {
          text = "";
          return $multi(undefined, "file_error", `${path}: ${problem}`);
        }
      }
      return $multi(lastLine(), undefined);
    },
  };
}

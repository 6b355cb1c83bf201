import { Result } from "../result";

/** The escapes that redis-cli knows in double quotes, besides `\xHH`, by the letter after the backslash. */
const ESCAPES: Readonly<Record<string, string | undefined>> = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\x07" };

/**
 * @returns a Redis command on one line, in the form that `redis-cli < file` reads. A word is in double quotes unless it
 * holds only letters, digits and the characters `.:/*@_-`.
 */
export function printCommand(words: readonly string[]): string {
  const printed: string[] = [];
  for (const word of words) {
    printed.push(printWord(word));
  }
  return table.concat(printed, " ");
}

function printWord(word: string): string {
  const [plain] = string.find(word, "^[%w.:/*@_-]+$");
  if (plain !== undefined) {
    return word;
  }
  const [escaped] = string.gsub(word, "[^ !#-Z%[%]^-~]", (byte) => string.format("\\x%02x", string.byte(byte)));
  return `"${escaped}"`;
}

/**
 * @param mostWords how many words the caller can use. On a longer line, parsing stops after one word more
 * @returns the words of a line, split at white space as redis-cli splits them. Double quotes allow escapes; single
 * quotes allow only `\'`. An empty line has no words.
 *
 * `bad_line`: the detail says what was expected.
 */
export function parseCommand(line: string, mostWords = math.huge): Result<string[], "bad_line"> {
  const [nul] = string.find(line, "\0", 1, true);
  if (nul !== undefined) {
    return $multi(undefined, "bad_line", `expected no NUL, found one at byte ${nul}`);
  }
  const words: string[] = [];
  let at = nextWord(line, 1);
  while (at !== undefined && words.length <= mostWords) {
    const [word, err, detail, after] = readWord(line, at);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    words.push(word);
    at = nextWord(line, after);
  }
  return $multi(words, undefined);
}

function nextWord(line: string, from: number): number | undefined {
  const [at] = string.find(line, "%S", from);
  return at;
}

type Word = LuaMultiReturn<
  | [word: string, err: undefined, detail: undefined, after: number]
  | [word: undefined, err: "bad_line", detail: string, after: undefined]
>;

/** A word may consist of several pieces, some of them quoted: `a"b c"` is one word. A closing quote ends the word. */
function readWord(line: string, from: number): Word {
  const pieces: string[] = [];
  let at = from;
  while (at <= line.length) {
    const sign = string.sub(line, at, at);
    if (sign === '"' || sign === "'") {
      return readQuoted(line, at, sign, table.concat(pieces));
    }
    const [piece] = string.match(line, "^[^ \t\r\n\"']+", at);
    if (piece === undefined) {
      break;
    }
    pieces.push(piece);
    at += piece.length;
  }
  return $multi(table.concat(pieces), undefined, undefined, at);
}

function readQuoted(line: string, from: number, quote: string, before: string): Word {
  const pieces: string[] = [before];
  let at = from + 1;
  while (at <= line.length) {
    const sign = string.sub(line, at, at);
    if (sign === quote) {
      return afterQuote(line, at + 1, table.concat(pieces));
    }
    const [piece, size] = sign === "\\" ? readEscape(line, at, quote) : readPlain(line, at);
    pieces.push(piece);
    at += size;
  }
  return $multi(undefined, "bad_line", `expected the closing ${quote} of byte ${from}`, undefined);
}

function readPlain(line: string, at: number): LuaMultiReturn<[piece: string, size: number]> {
  const [piece = string.sub(line, at, at)] = string.match(line, "^[^\"'\\]+", at);
  return $multi(piece, piece.length);
}

function readEscape(line: string, at: number, quote: string): LuaMultiReturn<[piece: string, size: number]> {
  const sign = string.sub(line, at + 1, at + 1);
  if (quote === "'" && sign !== "'") {
    return $multi("\\", 1);
  }
  const [hex] = string.match(line, "^x(%x%x)", at + 1);
  if (hex !== undefined) {
    return $multi(string.char(tonumber(hex, 16) ?? 0), 4);
  }
  return $multi(ESCAPES[sign] ?? sign, 2);
}

function afterQuote(line: string, after: number, word: string): Word {
  const [more] = string.find(line, "^%S", after);
  if (more !== undefined) {
    return $multi(undefined, "bad_line", `expected a blank after the closing quote at byte ${after}`, undefined);
  }
  return $multi(word, undefined, undefined, after);
}

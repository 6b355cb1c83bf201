import { Reply } from "../ports";
import { Result } from "../result";
import { printable } from "../text/complaint";
import { REPLY_LIMITS, ReplyLimits } from "./reply_limits";

/** Waits for the next bytes of a connection, as many as are there. The detail of an error is the socket's own word. */
export type ReceivePiece = (this: void) => Result<string, "lost">;

/** How many pieces of a string are passed over between two breaths: they are not looked at. */
const PIECES_A_BREATH = 16;

/** The replies to the commands of one exchange. */
export interface Replies {
  /** One for each command, in their order; fewer, if the last of them is `oversized`. */
  readonly replies: readonly Reply[];
  /** What came after the last reply. */
  readonly rest: string;
}

/**
 * Why there are no replies. `lost`: the connection, with the socket's own word (`timeout`, `closed`). `malformed`: these
 * are no replies of Redis.
 */
export type NoReplies = "lost" | "malformed";

type Fault = NoReplies | "oversized";
type Read<T> = Result<T, Fault>;

/** How many values are read between two breaths: what takes a fraction of a millisecond. */
const VALUES_A_BREATH = 500;

/** The longest error that is handed on, bytes. */
const ERROR_BYTES = 300;

const NIL: Reply = { kind: "nil" };

/**
 * Reads the replies to so many commands, in RESP2 or RESP3 (https://redis.io/docs/latest/develop/reference/protocol-spec/).
 * Pushes may come between two replies and are passed over.
 *
 * Invariant: whatever the server sends, memory and time are bounded by `limits`. A size is looked at before anything is
 * reserved or awaited for it.
 *
 * @param breathe lets requests have their turn. Yields
 */
export function readReplies(
  count: number,
  receive: ReceivePiece,
  breathe: (this: void) => void,
  limits: ReplyLimits = REPLY_LIMITS,
): Result<Replies, NoReplies> {
  const { read, rest } = replyReader(receive, breathe, limits);
  const replies: Reply[] = [];
  while (replies.length < count) {
    const [reply, err, detail] = read();
    if (err === "oversized") {
      replies.push({ kind: "oversized", detail });
      return $multi({ replies, rest: "" }, undefined);
    }
    if (err !== undefined) return $multi(undefined, err, detail);
    if (reply !== PUSH) replies.push(reply);
  }
  return $multi({ replies, rest: rest() }, undefined);
}

/** Stands for a push, whatever it says. */
const PUSH: Reply = { kind: "list", items: [] };

/** @noSelf */
interface ReplyReader {
  /** @returns the next reply, or `PUSH`. */
  read(): Read<Reply>;
  /** @returns what was received and not yet read. */
  rest(): string;
}

function replyReader(receive: ReceivePiece, breathe: (this: void) => void, limits: ReplyLimits): ReplyReader {
  let unread = "";
  /** Where in `unread` reading goes on. */
  let at = 1;
  let received = 0;
  /** Values of this reply that were read or announced. */
  let values = 1;
  let untilBreath = VALUES_A_BREATH;

  /** What begins with a sign, by the sign; of what follows on its line, and how deep in lists it stands. */
  const READERS: Readonly<Record<string, ((this: void, text: string, depth: number) => Read<Reply>) | undefined>> = {
    "+": (text) => told({ kind: "text", text }),
    "-": (text) => failure(text),
    ":": (text) => matching(text, "^[+-]?%d+$"),
    "(": (text) => matching(text, "^[+-]?%d+$"),
    ",": (text) => matching(text, "^[%w+.-]+$"),
    "#": (text) => matching(text, "^[tf]$"),
    _: (text) => (text === "" ? told(NIL) : malformed("a null", text)),
    $: (text, depth) => (text === "-1" ? told(NIL) : readString(text, depth)),
    // A format of three letters and a colon come first.
    "=": (text) => readText(text, 4),
    "!": (text) => readFailure(text),
    "*": (text, depth) => (text === "-1" ? told(NIL) : readList(text, 1, depth)),
    "~": (text, depth) => readList(text, 1, depth),
    "%": (text, depth) => readList(text, 2, depth),
    ">": (text, depth) => readPush(text, depth),
    "|": (text, depth) => readAttributed(text, depth),
  };

  return {
    read: () => {
      values = 1;
      return readValue(1);
    },
    rest: () => string.sub(unread, at),
  };

  function readValue(depth: number): Read<Reply> {
    pace();
    const [line, err, detail] = readLine();
    if (err !== undefined) return $multi(undefined, err, detail);
    const sign = string.sub(line, 1, 1);
    const readRest = READERS[sign];
    if (readRest === undefined) return malformed("a reply", line);
    return readRest(string.sub(line, 2), depth);
  }

  function pace(): void {
    untilBreath -= 1;
    if (untilBreath === 0) {
      untilBreath = VALUES_A_BREATH;
      breathe();
    }
  }

  function readLine(): Read<string> {
    let searched = at;
    for (;;) {
      const [end] = string.find(unread, "\r\n", searched, true);
      const length = (end ?? unread.length) - at;
      if (length > limits.lineBytes) return malformed("the end of a line", string.sub(unread, at, at + 40));
      if (end !== undefined) {
        const line = string.sub(unread, at, end - 1);
        at = end + 2;
        return $multi(line, undefined);
      }
      // The last byte may be the first of its end.
      const ahead = math.max(unread.length - at, 0);
      const [piece, err, detail] = receivePiece();
      if (err !== undefined) return $multi(undefined, err, detail);
      unread = string.sub(unread, at) + piece;
      at = 1;
      searched = at + ahead;
    }
  }

  function readString(text: string, depth: number): Read<Reply> {
    const size = sizeOf(text);
    if (size === undefined || depth === 1 || limits.passedOverBytes === undefined || size <= limits.passedOverBytes) {
      return readText(text, 0);
    }
    const [, err, detail] = passOver(size);
    if (err !== undefined) return $multi(undefined, err, detail);
    return told({ kind: "oversized", detail: stringOf(size) });
  }

  /** Reads so many bytes without holding them, and the end of the line after them. */
  function passOver(size: number): Read<string> {
    let left = size - (unread.length - at + 1);
    let pieces = 0;
    while (left > 0) {
      pieces += 1;
      if (pieces % PIECES_A_BREATH === 0) breathe();
      const [piece, err, detail] = receive();
      if (err !== undefined) return $multi(undefined, err, detail);
      unread = piece;
      at = 1;
      left -= piece.length;
    }
    // What of the last piece is not part of the string: it ends as an empty one does.
    at = unread.length + left + 1;
    return readBulk("0");
  }

  /** @param size how long it says to be @param skipped how many bytes at its beginning are not part of the text */
  function readText(size: string, skipped: number): Read<Reply> {
    const [bytes, err, detail] = readBulk(size);
    if (err !== undefined) return $multi(undefined, err, detail);
    return told({ kind: "text", text: string.sub(bytes, skipped + 1) });
  }

  function readFailure(size: string): Read<Reply> {
    const [bytes, err, detail] = readBulk(size);
    if (err !== undefined) return $multi(undefined, err, detail);
    return failure(bytes);
  }

  function readBulk(text: string): Read<string> {
    const size = sizeOf(text);
    if (size === undefined) return malformed("a string's size", text);
    if (size > limits.bulkBytes) return oversized(stringOf(size));
    const err = awaitBytes(size + 2);
    if (err !== undefined) return $multi(undefined, err[0], err[1]);
    const end = at + size;
    if (string.sub(unread, end, end + 1) !== "\r\n") return malformed("the end of a string", string.sub(unread, end));
    const bytes = string.sub(unread, at, end - 1);
    at = end + 2;
    return $multi(bytes, undefined);
  }

  /** Receives until so many bytes are unread. @returns why it could not */
  function awaitBytes(wanted: number): readonly [fault: Fault, detail: string] | undefined {
    let held = unread.length - at + 1;
    if (held >= wanted) return undefined;
    // Put together once: a long string comes in many pieces.
    const pieces = [string.sub(unread, at)];
    while (held < wanted) {
      const [piece, err, detail] = receivePiece();
      if (err !== undefined) return [err, detail];
      pieces.push(piece);
      held += piece.length;
    }
    unread = table.concat(pieces);
    at = 1;
    return undefined;
  }

  function receivePiece(): Read<string> {
    const [piece, err, detail] = receive();
    if (err !== undefined) return $multi(undefined, err, detail);
    received += piece.length;
    if (received > limits.totalBytes) return oversized(`more than ${limits.totalBytes} bytes at once`);
    return $multi(piece, undefined);
  }

  /** @param valuesEach a map has two values for each entry: they are told one after the other, as RESP2 tells a hash */
  function readList(text: string, valuesEach: number, depth: number): Read<Reply> {
    const size = sizeOf(text);
    if (size === undefined) return malformed("a list's size", text);
    if (depth > limits.depth) return malformed("no more lists in lists", text);
    const count = size * valuesEach;
    values += count;
    if (values > limits.values) return tooMany(count);
    const items: Reply[] = [];
    for (const _ of $range(1, count)) {
      const [item, err, detail] = readValue(depth + 1);
      if (err !== undefined) return $multi(undefined, err, detail);
      items.push(item);
    }
    return told({ kind: "list", items });
  }

  function readPush(text: string, depth: number): Read<Reply> {
    if (depth > 1) return malformed("no push in a list", text);
    const [, err, detail] = readList(text, 1, depth);
    if (err !== undefined) return $multi(undefined, err, detail);
    return told(PUSH);
  }

  /** What is said of a value before it: nothing here. */
  function readAttributed(text: string, depth: number): Read<Reply> {
    values += 1;
    const [, err, detail] = readList(text, 2, depth);
    if (err !== undefined) return $multi(undefined, err, detail);
    return readValue(depth);
  }
}

function told(reply: Reply): Read<Reply> {
  return $multi(reply, undefined);
}

function matching(text: string, pattern: string): Read<Reply> {
  const [found] = string.find(text, pattern);
  if (found === undefined) return malformed("a number", text);
  return told({ kind: "text", text });
}

/** An error of Redis may quote what clients sent: it ends in logs, so no byte of it may be more than text. */
function failure(text: string): Read<Reply> {
  return told({ kind: "error", message: printable(text, ERROR_BYTES) });
}

function sizeOf(text: string): number | undefined {
  const [digits] = string.match(text, "^%d+$");
  return tonumber(digits);
}

function stringOf(size: number): string {
  return `a string of ${string.format("%.0f", size)} bytes`;
}

function tooMany(count: number): Read<never> {
  return oversized(`a list of ${string.format("%.0f", count)} values`);
}

function oversized(detail: string): Read<never> {
  return $multi(undefined, "oversized", detail);
}

function malformed(expected: string, got: string): Read<never> {
  return $multi(undefined, "malformed", `not a reply of Redis: expected ${expected}, got "${printable(got, 40)}"`);
}

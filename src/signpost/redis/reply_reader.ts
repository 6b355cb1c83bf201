import { Reply } from "../ports";
import { Result } from "../result";
import { printable } from "../text/complaint";
import { REPLY_LIMITS, ReplyLimits } from "./reply_limits";
import {
  malformed,
  oversized,
  Read,
  readBulk,
  readLine,
  ReceivePiece,
  ReplyStream,
  sizeOf,
  skipBulk,
  stringOf,
  unreadBytes,
} from "./reply_stream";

/** The replies to the commands of one exchange. */
export interface Replies {
  /** One for each command, in their order; fewer if the last of them is `oversized`. */
  readonly replies: readonly Reply[];
  /** What came after the last reply. */
  readonly rest: string;
}

/**
 * Why there are no replies. `lost`: the connection was lost; the detail is the socket's own word (`timeout`,
 * `closed`). `malformed`: the bytes are not replies of Redis.
 */
export type NoReplies = "lost" | "malformed";

/** A stream, and how much of its current reply has been read. */
interface ReplyReader extends ReplyStream {
  /** Values of this reply that were read or announced. */
  values: number;
  valuesUntilBreath: number;
}

/** Values that are read between two breaths: they take a fraction of a millisecond. */
const VALUES_PER_BREATH = 500;

/** The longest error message that is passed on, bytes. */
const ERROR_BYTES = 300;

const NIL: Reply = { kind: "nil" };

/** Stands for any push message. */
const PUSH: Reply = { kind: "list", items: [] };

/**
 * Reads the replies to `count` commands, in RESP2 or RESP3
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/). Push messages may come between two replies; they
 * are skipped.
 *
 * Invariant: whatever the server sends, `limits` bounds memory and time. A size is checked before anything is reserved
 * or awaited for it.
 *
 * @param breathe lets requests have their turn. Yields
 */
export function readReplies(
  count: number,
  receive: ReceivePiece,
  breathe: (this: void) => void,
  limits: ReplyLimits = REPLY_LIMITS,
): Result<Replies, NoReplies> {
  const reader: ReplyReader = {
    receive,
    breathe,
    limits,
    received: "",
    at: 1,
    receivedBytes: 0,
    values: 1,
    valuesUntilBreath: VALUES_PER_BREATH,
  };
  const replies: Reply[] = [];
  while (replies.length < count) {
    reader.values = 1;
    const [reply, err, detail] = readValue(reader, 1);
    if (err === "oversized") {
      replies.push({ kind: "oversized", detail });
      return $multi({ replies, rest: "" }, undefined);
    }
    if (err !== undefined) return $multi(undefined, err, detail);
    if (reply !== PUSH) replies.push(reply);
  }
  return $multi({ replies, rest: unreadBytes(reader) }, undefined);
}

/** Reads a value whose first line has `text` after its sign. @param depth how deep in lists the value stands, from 1 */
type ReadRest = (this: void, reader: ReplyReader, text: string, depth: number) => Read<Reply>;

/**
 * How a value is read, by the sign that it begins with. Functions of the module: a closure for each exchange costs
 * more.
 */
const READERS: Readonly<Record<string, ReadRest | undefined>> = {
  "+": (_reader, text) => $multi({ kind: "text", text }, undefined),
  "-": (_reader, text) => failure(text),
  ":": (_reader, text) => matching(text, "^[+-]?%d+$"),
  "(": (_reader, text) => matching(text, "^[+-]?%d+$"),
  ",": (_reader, text) => matching(text, "^[%w+.-]+$"),
  "#": (_reader, text) => matching(text, "^[tf]$"),
  _: (_reader, text) => (text === "" ? noValue() : malformed("a null", text)),
  $: (reader, text, depth) => (text === "-1" ? noValue() : readString(reader, text, depth)),
  // The text follows a format of three letters and a colon.
  "=": (reader, text) => readText(reader, text, 4),
  "!": (reader, text) => readFailure(reader, text),
  "*": (reader, text, depth) => (text === "-1" ? noValue() : readList(reader, text, 1, depth)),
  "~": (reader, text, depth) => readList(reader, text, 1, depth),
  "%": (reader, text, depth) => readList(reader, text, 2, depth),
  ">": (reader, text, depth) => readPush(reader, text, depth),
  "|": (reader, text, depth) => readAttributed(reader, text, depth),
};

function readValue(reader: ReplyReader, depth: number): Read<Reply> {
  breatheSometimes(reader);
  const [line, err, detail] = readLine(reader);
  if (err !== undefined) return $multi(undefined, err, detail);
  const readRest = READERS[string.sub(line, 1, 1)];
  if (readRest === undefined) return malformed("a reply", line);
  return readRest(reader, string.sub(line, 2), depth);
}

function breatheSometimes(reader: ReplyReader): void {
  reader.valuesUntilBreath -= 1;
  if (reader.valuesUntilBreath === 0) {
    reader.valuesUntilBreath = VALUES_PER_BREATH;
    reader.breathe();
  }
}

function readString(reader: ReplyReader, text: string, depth: number): Read<Reply> {
  const { passedOverBytes } = reader.limits;
  const size = sizeOf(text);
  if (size === undefined || depth === 1 || passedOverBytes === undefined || size <= passedOverBytes) {
    return readText(reader, text, 0);
  }
  const [, err, detail] = skipBulk(reader, size);
  if (err !== undefined) return $multi(undefined, err, detail);
  return $multi({ kind: "oversized", detail: stringOf(size) }, undefined);
}

/** @param formatBytes how many bytes at its beginning are not part of the text */
function readText(reader: ReplyReader, size: string, formatBytes: number): Read<Reply> {
  const [bytes, err, detail] = readBulk(reader, size);
  if (err !== undefined) return $multi(undefined, err, detail);
  return $multi({ kind: "text", text: string.sub(bytes, formatBytes + 1) }, undefined);
}

function readFailure(reader: ReplyReader, size: string): Read<Reply> {
  const [bytes, err, detail] = readBulk(reader, size);
  if (err !== undefined) return $multi(undefined, err, detail);
  return failure(bytes);
}

/** @param valuesEach 2 for a map: key and value of each entry follow one another, as in RESP2's hashes */
function readList(reader: ReplyReader, text: string, valuesEach: number, depth: number): Read<Reply> {
  const { limits } = reader;
  const size = sizeOf(text);
  if (size === undefined) return malformed("a list's size", text);
  if (depth > limits.depth) return malformed("no more lists in lists", text);
  const count = size * valuesEach;
  reader.values += count;
  if (reader.values > limits.values) return oversized(`a list of ${string.format("%.0f", count)} values`);
  const items: Reply[] = [];
  for (const _ of $range(1, count)) {
    const [item, err, detail] = readValue(reader, depth + 1);
    if (err !== undefined) return $multi(undefined, err, detail);
    items.push(item);
  }
  return $multi({ kind: "list", items }, undefined);
}

function readPush(reader: ReplyReader, text: string, depth: number): Read<Reply> {
  if (depth > 1) return malformed("no push in a list", text);
  const [, err, detail] = readList(reader, text, 1, depth);
  if (err !== undefined) return $multi(undefined, err, detail);
  return $multi(PUSH, undefined);
}

/** Skips the attributes before a value, and reads the value. */
function readAttributed(reader: ReplyReader, text: string, depth: number): Read<Reply> {
  reader.values += 1;
  const [, err, detail] = readList(reader, text, 2, depth);
  if (err !== undefined) return $multi(undefined, err, detail);
  return readValue(reader, depth);
}

function noValue(): Read<Reply> {
  return $multi(NIL, undefined);
}

function matching(text: string, pattern: string): Read<Reply> {
  const [found] = string.find(text, pattern);
  if (found === undefined) return malformed("a number", text);
  return $multi({ kind: "text", text }, undefined);
}

/** An error of Redis may quote what clients sent. It goes into logs, so it is made printable. */
function failure(text: string): Read<Reply> {
  return $multi({ kind: "error", message: printable(text, ERROR_BYTES) }, undefined);
}

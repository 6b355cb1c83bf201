import { PushHandlers, PushMessages, pushMessages } from "./push_messages";

/**
 * Parses the stream of a RESP2 connection that is subscribed to invalidations, piece by piece. So it never holds a
 * message of 100,000 keys as a whole, and such a message does not block the worker's requests.
 * @noSelf
 */
export interface PushParser {
  /** @returns what is wrong with the stream, which then cannot be parsed any further; nothing if all is well. */
  feed(bytes: string): string | undefined;
  /**
   * Whether requests should be served before the next piece is fed. True after each piece that was parsed. While a
   * string is being skipped, it is true only after several pieces, because otherwise all other changes would wait for
   * seconds.
   */
  wantsBreath(): boolean;
}

/**
 * The longest string that is held, bytes: far longer than the key of any route. A longer one is skipped, because
 * clients may give keys names of any length, and such a name must not end the connection for all other keys.
 */
const LONGEST_HELD = 131_072;

/** Pieces of a skipped string between two breaths. The parser does not look into them. */
const SKIPPED_PIECES_PER_BREATH = 64;

/** The longest string that Redis can hold, bytes. A server that announces a longer one is not Redis. */
const LONGEST_BULK = 536_870_912;
const LONGEST_LINE = 65_536;

/** How far the stream has been read. */
interface PushStream {
  readonly messages: PushMessages;
  unread: string;
  /** Index of the first byte of `unread` that has not been read, from 1. */
  at: number;
  /** Size of the string that comes next. */
  bulkBytes: number | undefined;
  /** Bytes of a skipped string still to come, including its CR LF. */
  bytesToSkip: number | undefined;
  piecesSkipped: number;
}

/** @returns a parser that has read nothing yet. */
export function pushParser(handlers: PushHandlers): PushParser {
  const stream: PushStream = {
    messages: pushMessages(handlers),
    unread: "",
    at: 1,
    bulkBytes: undefined,
    bytesToSkip: undefined,
    piecesSkipped: 0,
  };
  return {
    feed: (bytes) => {
      stream.unread = string.sub(stream.unread, stream.at) + bytes;
      stream.at = 1;
      return readAll(stream);
    },
    wantsBreath: () => stream.bytesToSkip === undefined || stream.piecesSkipped % SKIPPED_PIECES_PER_BREATH === 0,
  };
}

/** Reads elements until the rest is too short for another one. */
function readAll(stream: PushStream): string | undefined {
  let problem: string | undefined;
  let before: number;
  do {
    before = stream.at;
    problem = readNext(stream);
  } while (problem === undefined && stream.at !== before);
  return problem;
}

function readNext(stream: PushStream): string | undefined {
  const { bulkBytes, bytesToSkip } = stream;
  if (bytesToSkip !== undefined) {
    skip(stream, bytesToSkip);
  } else if (bulkBytes !== undefined) {
    readBulk(stream, bulkBytes);
  } else {
    return readLine(stream);
  }
  return undefined;
}

/** @param left how many bytes are still to be skipped */
function skip(stream: PushStream, left: number): void {
  const bytes = math.min(left, stream.unread.length - stream.at + 1);
  if (bytes > 0) stream.piecesSkipped += 1;
  stream.at += bytes;
  stream.bytesToSkip = left - bytes;
  if (bytes === left) {
    stream.bytesToSkip = undefined;
    stream.messages.skipText();
  }
}

function readBulk(stream: PushStream, size: number): void {
  const { unread, at } = stream;
  if (unread.length - at + 1 < size + 2) return;
  stream.at = at + size + 2;
  stream.bulkBytes = undefined;
  stream.messages.takeText(string.sub(unread, at, at + size - 1));
}

function readLine(stream: PushStream): string | undefined {
  const { unread, at, messages } = stream;
  const [end] = string.find(unread, "\r\n", at, true);
  if (end === undefined) return unread.length - at > LONGEST_LINE ? "a line without an end" : undefined;
  const sign = string.sub(unread, at, at);
  const rest = string.sub(unread, at + 1, end - 1);
  stream.at = end + 2;
  if (sign === "$") return beginBulk(stream, sizeOf(rest));
  if (sign === "*") return beginArray(messages, sizeOf(rest));
  if (sign === ":" || sign === "+") {
    messages.takeText(rest);
    return undefined;
  }
  return sign === "-" ? `Redis says ${rest}` : `unknown type ${string.format("%q", sign)}`;
}

/** @param size -1 for nil */
function beginBulk(stream: PushStream, size: number | undefined): string | undefined {
  if (size === -1) {
    stream.messages.takeNil();
    return undefined;
  }
  if (size === undefined || size < 0 || size > LONGEST_BULK) return "a string of impossible size";
  if (size > LONGEST_HELD) {
    stream.bytesToSkip = size + 2;
  } else {
    stream.bulkBytes = size;
  }
  return undefined;
}

/** @param size -1 for nil */
function beginArray(messages: PushMessages, size: number | undefined): string | undefined {
  if (size === -1) {
    messages.takeNil();
    return undefined;
  }
  if (size === undefined || size < 0) return "an array of impossible size";
  return messages.beginArray(size);
}

function sizeOf(text: string): number | undefined {
  const [digits] = string.match(text, "^%-?%d+$");
  return tonumber(digits);
}

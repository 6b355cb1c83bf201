import { Result } from "../result";
import { printable } from "../text/complaint";
import { areDigits } from "../text/scan";
import { ReplyLimits } from "./reply_limits";

/**
 * Waits for the next bytes of a connection, as many as have arrived. The detail of an error is the socket's own word.
 */
export type ReceivePiece = (this: void) => Result<string, "lost">;

/**
 * Why a reply cannot be read. `lost`: the connection was lost; the detail is the socket's own word (`timeout`,
 * `closed`). `malformed`: the bytes are not a reply of Redis. `oversized`: the reply is larger than the limits allow.
 */
export type ReadFault = "lost" | "malformed" | "oversized";
export type Read<T> = Result<T, ReadFault>;

/** The bytes that a server sends for one exchange, and how far they have been read. */
export interface ReplyStream {
  readonly receive: ReceivePiece;
  /** Lets requests have their turn. Yields. */
  readonly breathe: (this: void) => void;
  readonly limits: ReplyLimits;
  received: string;
  /** The first byte of `received` that has not been read, from 1. */
  at: number;
  /** All bytes of this exchange so far. */
  receivedBytes: number;
}

/** Pieces of a skipped string between two breaths. Nothing looks into them, so they cost little. */
const SKIPPED_PIECES_PER_BREATH = 16;

/** @returns the bytes that were received and have not been read. */
export function unreadBytes(stream: ReplyStream): string {
  return string.sub(stream.received, stream.at);
}

/** Reads up to the next CR LF. @returns the line without it */
export function readLine(stream: ReplyStream): Read<string> {
  let searchFrom = stream.at;
  for (;;) {
    const { received, at } = stream;
    const [end] = string.find(received, "\r\n", searchFrom, true);
    const length = (end ?? received.length) - at;
    if (length > stream.limits.lineBytes) return malformed("the end of a line", string.sub(received, at, at + 40));
    if (end !== undefined) {
      stream.at = end + 2;
      return $multi(string.sub(received, at, end - 1), undefined);
    }
    // The last byte may be the CR of the line's end: search it again.
    const searched = math.max(received.length - at, 0);
    const [piece, err, detail] = receivePiece(stream);
    if (err !== undefined) return $multi(undefined, err, detail);
    stream.received = string.sub(received, at) + piece;
    stream.at = 1;
    searchFrom = 1 + searched;
  }
}

/** Reads a string of as many bytes as `sizeText` says, and the CR LF after it. */
export function readBulk(stream: ReplyStream, sizeText: string): Read<string> {
  const size = sizeOf(sizeText);
  if (size === undefined) return malformed("a string's size", sizeText);
  if (size > stream.limits.bulkBytes) return oversized(stringOf(size));
  const [, err, detail] = awaitBytes(stream, size + 2);
  if (err !== undefined) return $multi(undefined, err, detail);
  const { received, at } = stream;
  const end = at + size;
  if (string.sub(received, end, end + 1) !== "\r\n") {
    return malformed("the end of a string", string.sub(received, end));
  }
  stream.at = end + 2;
  return $multi(string.sub(received, at, end - 1), undefined);
}

/** Skips a string of `size` bytes, and the CR LF after it. It never holds more than one piece. */
export function skipBulk(stream: ReplyStream, size: number): Read<string> {
  let left = size - (stream.received.length - stream.at + 1);
  let pieces = 0;
  while (left > 0) {
    pieces += 1;
    if (pieces % SKIPPED_PIECES_PER_BREATH === 0) stream.breathe();
    const [piece, err, detail] = stream.receive();
    if (err !== undefined) return $multi(undefined, err, detail);
    stream.received = piece;
    stream.at = 1;
    left -= piece.length;
  }
  // `left` is minus the number of bytes that follow the string. Its end is read as that of an empty string.
  stream.at = stream.received.length + left + 1;
  return readBulk(stream, "0");
}

/** Receives until `wanted` bytes are unread. */
function awaitBytes(stream: ReplyStream, wanted: number): Read<true> {
  let unread = stream.received.length - stream.at + 1;
  if (unread >= wanted) return $multi(true, undefined);
  // Concatenated once: a long string comes in many pieces.
  const pieces = [unreadBytes(stream)];
  while (unread < wanted) {
    const [piece, err, detail] = receivePiece(stream);
    if (err !== undefined) return $multi(undefined, err, detail);
    pieces.push(piece);
    unread += piece.length;
  }
  stream.received = table.concat(pieces);
  stream.at = 1;
  return $multi(true, undefined);
}

function receivePiece(stream: ReplyStream): Read<string> {
  const [piece, err, detail] = stream.receive();
  if (err !== undefined) return $multi(undefined, err, detail);
  stream.receivedBytes += piece.length;
  const { totalBytes } = stream.limits;
  if (stream.receivedBytes > totalBytes) return oversized(`more than ${totalBytes} bytes at once`);
  return $multi(piece, undefined);
}

/** @returns the number; nothing for a text that is not all digits. */
export function sizeOf(text: string): number | undefined {
  if (!areDigits(text)) return undefined;
  return tonumber(text);
}

/** @returns how a complaint names a string of that size. */
export function stringOf(size: number): string {
  return `a string of ${string.format("%.0f", size)} bytes`;
}

/** @returns the failure of a reply that is larger than the limits allow. */
export function oversized(detail: string): Read<never> {
  return $multi(undefined, "oversized", detail);
}

/** @returns the failure of bytes that are not a reply of Redis. */
export function malformed(expected: string, got: string): Read<never> {
  return $multi(undefined, "malformed", `not a reply of Redis: expected ${expected}, got "${printable(got, 40)}"`);
}

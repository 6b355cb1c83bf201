/** Told what a tracking connection delivers. */
export interface PushHandlers {
  /** A key that was changed, removed, or has expired. */
  readonly key: (this: void, key: string) => void;
  /** Everything may have changed: FLUSHALL, FLUSHDB. */
  readonly everything: (this: void) => void;
}

/**
 * Reads the stream of a RESP2 connection that is subscribed to invalidations, piece by piece as it comes, so that a
 * message of 100,000 keys neither has to be held at once nor keeps the worker from its requests.
 * @noSelf
 */
export interface PushParser {
  /** @returns what is wrong with the stream, which cannot be read further then; nothing if all is well. */
  feed(bytes: string): string | undefined;
}

/** Longer than any key that a route can have; what claims to be longer is not Redis. */
const LONGEST_BULK = 1_048_576;
const LONGEST_LINE = 65_536;

/**
 * A message is an array: its kind, its channel, its payload. The payload of an invalidation is an array of keys, or nil
 * for everything (https://redis.io/docs/latest/develop/reference/client-side-caching/). Other messages (the replies to
 * PING) are passed over.
 */
export function pushParser(handlers: PushHandlers): PushParser {
  let unread = "";
  let at = 1;
  /** Size of the bulk string that comes next. */
  let bulk: number | undefined;
  /** Elements of the message that are still to come. */
  let elements = 0;
  let position = 0;
  let kind = "";
  /** Keys of its payload that are still to come. */
  let keys = 0;

  return { feed };

  function feed(bytes: string): string | undefined {
    unread = string.sub(unread, at) + bytes;
    at = 1;
    let problem: string | undefined;
    while (problem === undefined) {
      const wasAt = at;
      problem = bulk === undefined ? readLine() : readBulk(bulk);
      if (at === wasAt) {
        break;
      }
    }
    return problem;
  }

  function readBulk(size: number): string | undefined {
    if (unread.length - at + 1 < size + 2) {
      return undefined;
    }
    const text = string.sub(unread, at, at + size - 1);
    at += size + 2;
    bulk = undefined;
    return element(text);
  }

  function readLine(): string | undefined {
    const [end] = string.find(unread, "\r\n", at, true);
    if (end === undefined) {
      return unread.length - at > LONGEST_LINE ? "a line without an end" : undefined;
    }
    const prefix = string.sub(unread, at, at);
    const rest = string.sub(unread, at + 1, end - 1);
    at = end + 2;
    if (prefix === "$") {
      return bulkBegins(sizeOf(rest));
    }
    if (prefix === "*") {
      return arrayBegins(sizeOf(rest));
    }
    if (prefix === ":" || prefix === "+") {
      return element(rest);
    }
    return prefix === "-" ? `Redis says ${rest}` : `unknown type ${string.format("%q", prefix)}`;
  }

  function bulkBegins(size: number | undefined): string | undefined {
    if (size === -1) {
      return nil();
    }
    if (size === undefined || size < 0 || size > LONGEST_BULK) {
      return "a string of impossible size";
    }
    bulk = size;
    return undefined;
  }

  function arrayBegins(size: number | undefined): string | undefined {
    if (size === -1) {
      return nil();
    }
    if (size === undefined || size < 0) {
      return "an array of impossible size";
    }
    if (elements === 0) {
      elements = size;
      position = 0;
      kind = "";
    } else if (isPayload() && keys === 0) {
      keys = size;
      if (size === 0) {
        next();
      }
    } else {
      return "an array where there can be none";
    }
    return undefined;
  }

  function nil(): string | undefined {
    if (isPayload()) {
      handlers.everything();
    }
    next();
    return undefined;
  }

  function element(text: string): string | undefined {
    if (keys > 0) {
      handlers.key(text);
      keys -= 1;
      if (keys === 0) {
        next();
      }
      return undefined;
    }
    if (position === 0) {
      kind = text;
    }
    next();
    return undefined;
  }

  function isPayload(): boolean {
    return kind === "message" && position === 2 && elements > 0;
  }

  function next(): void {
    if (elements > 0) {
      elements -= 1;
      position += 1;
    }
  }
}

function sizeOf(text: string): number | undefined {
  const [digits] = string.match(text, "^%-?%d+$");
  return tonumber(digits);
}

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
  /**
   * Whether requests should have their turn before the next piece: after each one, but of those that are passed over after
   * a few, or all other changes would wait for seconds.
   */
  wantsBreath(): boolean;
}

/**
 * Far longer than any key that a route can have. A longer one is passed over: whoever may write keys may give them names of
 * any length, and must not end the connection for all others by it.
 */
const LONGEST_HELD = 131_072;

/** How many pieces that are passed over come between two breaths: they are not looked at. */
const SKIPPED_A_BREATH = 64;

/** The longest string that Redis can hold; what claims to be longer is not Redis. */
const LONGEST_BULK = 536_870_912;
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
  /** How many bytes of a string too long to be held are still to come, with the end of its line. */
  let skipped: number | undefined;
  let piecesSkipped = 0;
  /** Elements of the message that are still to come. */
  let elements = 0;
  let position = 0;
  let kind = "";
  /** Keys of its payload that are still to come. */
  let keys = 0;

  return { feed, wantsBreath: () => skipped === undefined || piecesSkipped % SKIPPED_A_BREATH === 0 };

  function feed(bytes: string): string | undefined {
    unread = string.sub(unread, at) + bytes;
    at = 1;
    let problem: string | undefined;
    while (problem === undefined) {
      const wasAt = at;
      problem = readNext();
      if (at === wasAt) {
        break;
      }
    }
    return problem;
  }

  function readNext(): string | undefined {
    if (skipped !== undefined) {
      return skip(skipped);
    }
    return bulk === undefined ? readLine() : readBulk(bulk);
  }

  /** @param size how many bytes are to be passed over */
  function skip(size: number): string | undefined {
    const here = math.min(size, unread.length - at + 1);
    piecesSkipped += math.min(here, 1);
    at += here;
    skipped = size - here;
    if (skipped > 0) {
      return undefined;
    }
    skipped = undefined;
    passedOver();
    return undefined;
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
    if (size > LONGEST_HELD) {
      skipped = size + 2;
    } else {
      bulk = size;
    }
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
    } else if (position === 0) {
      kind = text;
    }
    passedOver();
    return undefined;
  }

  /** Goes on to what comes after an element, whatever that said. */
  function passedOver(): void {
    if (keys > 1) {
      keys -= 1;
    } else {
      keys = 0;
      next();
    }
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

/** Receives what a tracking connection delivers. */
export interface PushHandlers {
  /** A key was changed or removed, or has expired. */
  readonly key: (this: void, key: string) => void;
  /** Everything may have changed: FLUSHALL, FLUSHDB. */
  readonly everything: (this: void) => void;
}

/**
 * Parses the messages of a connection element by element, and keeps track of each element's place.
 *
 * A message is an array of its kind, its channel and its payload. The payload of an invalidation is an array of keys,
 * or nil for everything (https://redis.io/docs/latest/develop/reference/client-side-caching/). Other messages, such as
 * the replies to PING, are skipped.
 * @noSelf
 */
export interface PushMessages {
  /** A string, a status or a number. */
  takeText(text: string): void;
  /** A string too long to hold. */
  skipText(): void;
  takeNil(): void;
  /** @returns what is wrong; nothing if all is well. A message has no array except its payload. */
  beginArray(size: number): string | undefined;
}

/** @returns a parser that has seen no message yet. */
export function pushMessages(handlers: PushHandlers): PushMessages {
  /** Elements of the message still to come. */
  let elements = 0;
  /** Index of the next element in the message, from 0. */
  let position = 0;
  let kind = "";
  /** Keys of the payload still to come. */
  let keys = 0;

  return {
    takeText: (text) => {
      if (keys > 0) {
        handlers.key(text);
      } else if (position === 0) {
        kind = text;
      }
      advance();
    },
    skipText: advance,
    takeNil: () => {
      if (isPayload()) handlers.everything();
      endElement();
    },
    beginArray: (size) => {
      if (elements === 0) {
        elements = size;
        position = 0;
        kind = "";
      } else if (isPayload() && keys === 0) {
        keys = size;
        if (size === 0) endElement();
      } else {
        return "an array where there can be none";
      }
      return undefined;
    },
  };

  function isPayload(): boolean {
    return kind === "message" && position === 2 && elements > 0;
  }

  /** Moves on to the next key, or after the last key to the next element. */
  function advance(): void {
    if (keys > 1) {
      keys -= 1;
    } else {
      keys = 0;
      endElement();
    }
  }

  function endElement(): void {
    if (elements > 0) {
      elements -= 1;
      position += 1;
    }
  }
}

import type { Clock, SafeDict } from "../ports";
import { isWithin } from "./standing_record";

/**
 * Where standings are kept, by peers' health keys. What is stored never takes the room of anything else: when there is
 * none, a further peer's standing is not remembered, and the peer counts as up.
 * @noSelf
 */
export interface StandingStore {
  get(key: string): string | undefined;
  /** @returns false if there is no room. What was there under this key is then gone, or as it was. */
  put(key: string, text: string, seconds: number): boolean;
  remove(key: string): void;
  /** What must be locked to change a standing together with others that would take the same place. */
  placeOf(key: string): string;
}

/** In a dict of its own: as many as it has room for. */
export function storeApart(dict: SafeDict, now: Clock): StandingStore {
  let flushedAt = 0;
  const placeOf = (key: string) => PREFIX + key;
  return {
    get: (key) => {
      const [text] = dict.get(placeOf(key));
      return text as string | undefined;
    },
    put: (key, text, seconds) => {
      const [stored] = dict.safe_set(placeOf(key), text, seconds);
      if (stored || isWithin(flushedAt, FLUSH_SECONDS, now())) return stored;
      flushedAt = now();
      // nginx itself drops only what is both out of date and used least.
      dict.flush_expired(MOST_FLUSHED);
      const [isStored] = dict.safe_set(placeOf(key), text, seconds);
      return isStored;
    },
    remove: (key) => {
      dict.delete(placeOf(key));
    },
    placeOf,
  };
}

/**
 * In a dict that holds other things, which must never be evicted: each key has one of `PLACES` places, so that there are
 * at most that many entries, of at most 512 bytes each. While a place is taken, no other peer that falls into it is
 * remembered.
 *
 * @param hash spreads keys over the places
 */
export function storeAmongOthers(dict: SafeDict, hash: (this: void, text: string) => number): StandingStore {
  const placeOf = (key: string) => `${PREFIX}${hash(key) % PLACES}`;
  const textAt = (place: string) => {
    const [text] = dict.get(place);
    return text as string | undefined;
  };
  return {
    get: (key) => ofOwner(textAt(placeOf(key)), key),
    put: (key, text, seconds) => {
      const place = placeOf(key);
      const taken = textAt(place);
      if (taken !== undefined && ofOwner(taken, key) === undefined) return false;
      const [stored] = dict.safe_set(place, `${key}\n${text}`, seconds);
      return stored;
    },
    remove: (key) => {
      const place = placeOf(key);
      if (ofOwner(textAt(place), key) !== undefined) dict.delete(place);
    },
    placeOf,
  };
}

const PREFIX = "standing:";

const PLACES = 1024;

/** How often a full dict is searched for what is out of date, seconds: that may mean a look at every entry. */
const FLUSH_SECONDS = 1;

/** How many entries that are out of date are dropped at once, when there is no room: few enough to be quick. */
const MOST_FLUSHED = 100;

/** @returns the text, if it is stored for this key */
function ofOwner(stored: string | undefined, key: string): string | undefined {
  if (stored === undefined) return undefined;
  const head = `${key}\n`;
  return string.sub(stored, 1, head.length) === head ? string.sub(stored, head.length + 1) : undefined;
}

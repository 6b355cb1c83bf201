import type { Clock, SafeDict } from "../ports";
import { STATE_PREFIXES } from "../state/keys";
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
 * In a dict that holds other things, which must never be evicted: a set-associative table. A key may lie in any of the
 * `WAYS` places of its set, so that there are at most `SETS * WAYS` entries, of at most 512 bytes each. While all places
 * of a set are taken, no other peer of that set is remembered.
 *
 * @param hash spreads keys over the sets
 */
export function storeAmongOthers(dict: SafeDict, hash: (this: void, text: string) => number): StandingStore {
  const setOf = (key: string) => `${PREFIX}${hash(key) % SETS}`;
  const textAt = (place: string) => {
    const [text] = dict.get(place);
    return text as string | undefined;
  };
  /** Where the key is, or else the first free place of its set; and the text that is stored for the key. */
  const find = (key: string): LuaMultiReturn<[place: string | undefined, text: string | undefined]> => {
    const set = setOf(key);
    let free: string | undefined;
    for (const way of $range(1, WAYS)) {
      const place = `${set}.${way}`;
      const stored = textAt(place);
      if (stored === undefined) {
        free = free ?? place;
      } else {
        const text = ofOwner(stored, key);
        if (text !== undefined) return $multi(place, text);
      }
    }
    return $multi(free, undefined);
  };
  return {
    get: (key) => {
      const [, text] = find(key);
      return text;
    },
    put: (key, text, seconds) => {
      const [place] = find(key);
      if (place === undefined) return false;
      const [stored] = dict.safe_set(place, `${key}\n${text}`, seconds);
      return stored;
    },
    remove: (key) => {
      const [place, text] = find(key);
      if (place !== undefined && text !== undefined) dict.delete(place);
    },
    placeOf: setOf,
  };
}

const PREFIX = STATE_PREFIXES.standing;

/** How many sets of places there are: 1,024 places in all. */
const SETS = 256;

/** How many places a set has: with 100 peers that fail, one finds its set full once in some seventy nodes. */
const WAYS = 4;

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

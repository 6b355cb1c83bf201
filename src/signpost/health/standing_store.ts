import type { Clock, SafeDict } from "../ports";
import { STATE_PREFIXES } from "../state/keys";
import { isWithin } from "./standing_record";

/**
 * Stores standings by health key. It never evicts other entries. When there is no room, the standing of a further peer
 * is not remembered, and the peer counts as up.
 * @noSelf
 */
export interface StandingStore {
  get(key: string): string | undefined;
  /** @returns false if there is no room. The old text of this key is then gone or unchanged. */
  put(key: string, text: string, seconds: number): boolean;
  remove(key: string): void;
  /** The name to lock while a standing is changed. Keys that may take the same place share it. */
  placeOf(key: string): string;
}

/** Stores standings in a dict of their own, as many as fit. */
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
      // nginx itself drops only entries that are both expired and least recently used.
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
 * Stores standings in a dict whose other entries must never be evicted, as a set-associative table. A key may lie in
 * any of the `WAYS` places of its set, so there are at most `SETS * WAYS` entries of at most 512 bytes each. While all
 * places of a set are taken, no other peer of that set is remembered.
 *
 * @param hash distributes keys over the sets
 */
export function storeAmongOthers(dict: SafeDict, hash: (this: void, text: string) => number): StandingStore {
  const setOf = (key: string) => `${PREFIX}${hash(key) % SETS}`;
  const textAt = (place: string) => {
    const [text] = dict.get(place);
    return text as string | undefined;
  };
  /** Finds the key's place, or else the first free place of its set, and the text stored for the key. */
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

/** The number of sets. They have 1,024 places in all. */
const SETS = 256;

/** Places per set. With 100 failing peers, about one node in seventy has a peer that finds its set full. */
const WAYS = 4;

/** Minimum time between two searches of a full dict for expired entries, seconds. A search may look at every entry. */
const FLUSH_SECONDS = 1;

/** How many expired entries one search drops: few enough to be quick. */
const MOST_FLUSHED = 100;

/** @returns the text if it is stored for this key */
function ofOwner(stored: string | undefined, key: string): string | undefined {
  if (stored === undefined) return undefined;
  const head = `${key}\n`;
  return string.sub(stored, 1, head.length) === head ? string.sub(stored, head.length + 1) : undefined;
}

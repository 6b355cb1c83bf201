import { KnownValue } from "../redis/reading";

/**
 * What is known about one name of the cache (a host's, a wildcard's or, as `@web`, a pool's), and how a shared dict
 * holds it: a value, and 32 bits of flags.
 *
 * A dict's slab classes are powers of two, so a record's size is counted in bytes: with a host of 25 bytes and any IPv4
 * address the whole entry (68 bytes of nginx's own, the key, ten bytes of ours, the text) stays within 128.
 */

/** What is known about a name, and since when. */
export interface Known extends KnownValue {
  /** When Redis was asked: seconds since 1970, to a tenth. */
  readonly checked: number;
  /** In which epoch of tracking it was asked; 0: without tracking. */
  readonly epoch: number;
  /** It kept changing while it was read: it answers the request that asked, and is not remembered. */
  readonly isFleeting?: boolean;
  /** The shared dict does not hold it: it answers no second request while Redis can be asked. */
  readonly isUnkept?: boolean;
}

/** Stands for a name that nothing is known about. */
export const NEVER_SEEN: Known = { kind: "absent", text: "", checked: 0, epoch: 0 };

/** Whether both have the same value, whenever they were read. */
export function saysTheSame(one: Known, other: Known): boolean {
  return one.kind === other.kind && one.text === other.text;
}

/** Each worker reads the time only now and then: one may be ahead of another by this many seconds. */
const CLOCK_LAG = 1;

/**
 * Whether it was read within the last `ttl` seconds. A record from the future was not: the clock was set back since.
 * @param time seconds since 1970
 */
export function isYoung(known: Known, time: number, ttl: number): boolean {
  const age = time - known.checked;
  return age <= ttl && age > -CLOCK_LAG;
}

const LETTERS: Readonly<Record<KnownValue["kind"], string>> = { good: "r", bad: "b", absent: "a" };
const KINDS: Readonly<Record<string, KnownValue["kind"] | undefined>> = { r: "good", b: "bad", a: "absent" };

/**
 * @returns one letter for the kind, nine hexadecimal digits for the tenths of seconds (enough until 2187), the text.
 */
export function encodeRecord(known: Known): string {
  return `${LETTERS[known.kind]}${string.format("%09x", math.floor(known.checked * 10))}${known.text}`;
}

/**
 * @param epoch the entry's flags
 * @returns nothing for a value that is not one of `encodeRecord`, such as another program's
 */
export function decodeRecord(value: string, epoch: number): Known | undefined {
  const [letter = "", digits = "", text = ""] = string.match(value, "^([rba])(%x%x%x%x%x%x%x%x%x)(.*)$");
  const kind = KINDS[letter];
  const tenths = tonumber(digits, 16);
  if (kind === undefined || tenths === undefined) {
    return undefined;
  }
  return { kind, text, checked: tenths / 10, epoch };
}

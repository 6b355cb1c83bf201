import type { Address } from "../format/address";
import { POOL_NAME_BYTES } from "../format/target";
import { matchableName } from "../format/written_host";
import { addressesOfPool, addressesOfRoute } from "./addresses";
import { type Forms, POOL_FORMS, ROUTE_FORMS } from "./forms";

/** Everything that is special to one kind of key. Code that handles names or keys asks the name's space. */
export interface KeySpace {
  /** The setting, of `init` and of each further table, that holds the prefix of its keys. */
  readonly prefixSetting: string;
  /**
   * The prefix of its names in the cache, which holds the names of all spaces. The routes' sign is empty: a name with
   * no other sign is a route's.
   */
  readonly sign: string;
  /** The longest name, without sign and table, that a request can ask for, bytes. */
  readonly longestName: number;
  /** How each Redis type is read under its keys. */
  readonly forms: Forms;
  /** What the log calls a key whose value cannot be used. */
  readonly badWord: string;
  /** @returns all addresses in the text of a good record. */
  readonly addressesOf: (this: void, text: string) => readonly Address[];
  /**
   * @param isWholeKey whether the prefix is empty, so that keys of other programs may be among them
   * @returns the name that was probably meant, if no request asks for this one; otherwise nothing
   */
  readonly meantName: (this: void, name: string, isWholeKey: boolean) => string | undefined;
}

/** `route:app.example.com`, in the cache `app.example.com`: a host, or a wildcard. */
export const ROUTES = {
  prefixSetting: "route_prefix",
  sign: "",
  // A host of 253 bytes that begins with a dot makes a wildcard of 254.
  longestName: 254,
  forms: ROUTE_FORMS,
  badWord: "bad_route",
  addressesOf: addressesOfRoute,
  meantName: matchableName,
} as const satisfies KeySpace;

/** `pool:web`, in the cache `@web`, as targets write it. */
export const POOLS = {
  prefixSetting: "pool_prefix",
  sign: "@",
  longestName: POOL_NAME_BYTES,
  forms: POOL_FORMS,
  badWord: "bad_pool",
  addressesOf: addressesOfPool,
  meantName: () => undefined,
} as const satisfies KeySpace;

/** All spaces. A new kind of key is one more row here, and a setting for its prefix. */
export const KEY_SPACES = [ROUTES, POOLS] as const satisfies readonly KeySpace[];

/** The names of the settings that hold prefixes. */
export type PrefixSetting = (typeof KEY_SPACES)[number]["prefixSetting"];

/** The key prefixes of one table, by space. No two are the same; one may be empty. */
export type TablePrefixes = Readonly<Record<PrefixSetting, string>>;

/** @returns the space that a name of the cache belongs to. */
export function spaceOf(name: string): KeySpace {
  for (const space of KEY_SPACES) {
    const { sign } = space;
    if (sign !== "" && string.sub(name, 1, sign.length) === sign) return space;
  }
  return ROUTES;
}

import { POOL_NAME_BYTES } from "../format/target";
import { matchableName } from "../format/written_host";

/** What a pool's name begins with in the cache, where pools are held next to the hosts: `@web`, as targets write it. */
export const POOL_SIGN = "@";

const SIGN_BYTE = 64;

/** What ends the name of a table in the cache's names. */
const TABLE_END = "/";

/** The longest name that a host tries: one of 253 bytes that begins with a dot, as a wildcard. */
const HOST_BYTES = 254;

/** Told of a key that no request can match, and the key that would be matched in its place. */
export type TellUnmatchable = (this: void, key: string, meant: string) => void;

/** Told a name of the cache. */
export type TellName = (this: void, name: string) => void;

/** What the keys of a table begin with, before the host or the pool's name. The one differs from the other. */
export interface TablePrefixes {
  readonly route_prefix: string;
  readonly pool_prefix: string;
}

/**
 * Which key of Redis is which name of the cache. Of the default table, a route's name is its host or wildcard, and a pool's
 * begins with `@`; of another table, its name stands before both: `internal/app.example.com`, `@internal/web`.
 *
 * Invariant: no name of the cache is of two tables. Neither a host nor a pool can have a `/` in its name (see `isHost` and
 * `parseTarget`), so what stands before the first one, without `@`, is the table; and a key with a `/` after its prefix is
 * read for no name.
 * @noSelf
 */
export interface Keys {
  /** What keys begin with, for a person: `route: or pool:`. */
  readonly expected: string;
  /** All prefixes. */
  readonly prefixes: readonly string[];
  /** @returns what the Redis key of a name begins with. */
  prefixOf(name: string): string;
  /** @returns the Redis key of a name. */
  keyOf(name: string): string;
  /**
   * Tells the names that a key is read for. They are two where one prefix begins with the other, first that of the
   * longer prefix; and none for a key under neither, or whose rest no host and no target can name.
   */
  eachName(key: string, tell: TellName): void;
  /** Whether a key is under one of the prefixes. */
  covers(key: string): boolean;
}

/** The keys that begin with one prefix. */
interface Space {
  readonly prefix: string;
  /** What their names in the cache begin with. */
  readonly sign: string;
  readonly isOfPools: boolean;
}

/** @returns whether a name of the cache is a pool's: no host's begins so. */
export function isPoolName(name: string): boolean {
  return string.byte(name) === SIGN_BYTE;
}

/** @returns what the cache's names of a table's routes begin with, and those of its pools after the `@`. */
export function signOf(table: string): string {
  return table + TABLE_END;
}

/** @returns of a pool's name in the cache, without its sign, the table (nothing: the default one) and the name there. */
export function splitPoolName(name: string): LuaMultiReturn<[table: string | undefined, name: string]> {
  const [table, rest] = string.match(name, "^([^/]*)/(.*)$");
  return $multi(table, rest ?? name);
}

/**
 * @param routePrefix of the default table
 * @param poolPrefix another than `routePrefix`; either may be empty
 * @param tables the others, by name; no prefix of one table may begin with one of another
 * @param unmatchable told of such keys as `eachName` is asked for
 */
export function newKeys(
  routePrefix: string,
  poolPrefix: string,
  tables: Readonly<Record<string, TablePrefixes>> = {},
  unmatchable?: TellUnmatchable,
): Keys {
  const spaces: Space[] = [];
  const prefixes: string[] = [];
  const bySign = new LuaMap<string, string>();
  const add = (sign: string, { route_prefix, pool_prefix }: TablePrefixes) => {
    addSpace(sign, route_prefix, false);
    addSpace(POOL_SIGN + sign, pool_prefix, true);
  };
  const addSpace = (sign: string, prefix: string, isOfPools: boolean) => {
    spaces.push({ prefix, sign, isOfPools });
    prefixes.push(prefix);
    bySign.set(sign, prefix);
  };
  add("", { route_prefix: routePrefix, pool_prefix: poolPrefix });
  for (const [name, own] of pairs(tables)) {
    add(signOf(name), own);
  }
  const expected = table.concat(prefixes, " or ");
  table.sort(spaces, (one, other) => one.prefix.length > other.prefix.length);

  /** @returns what a name begins with that says of which space it is, and that space's prefix. */
  const spaceOf = (name: string): LuaMultiReturn<[sign: string, prefix: string]> => {
    const [table = ""] = string.match(name, "^[^/]*/");
    const prefix = bySign.get(table);
    if (prefix !== undefined && table !== "") return $multi(table, prefix);
    if (isPoolName(name)) return $multi(POOL_SIGN, poolPrefix);
    return $multi("", routePrefix);
  };

  return {
    expected,
    prefixes,
    prefixOf: (name) => {
      const [, prefix] = spaceOf(name);
      return prefix;
    },
    keyOf: (name) => {
      const [sign, prefix] = spaceOf(name);
      return prefix + string.sub(name, sign.length + 1);
    },
    eachName: (key, tell) => {
      for (const space of spaces) tellName(space, key, tell, unmatchable);
    },
    covers: (key) => {
      for (const { prefix } of spaces) {
        if (begins(key, prefix)) return true;
      }
      return false;
    },
  };
}

function tellName(space: Space, key: string, tell: TellName, unmatchable: TellUnmatchable | undefined): void {
  const { prefix, sign, isOfPools } = space;
  const length = key.length - prefix.length;
  if (length < 1 || length > (isOfPools ? POOL_NAME_BYTES : HOST_BYTES) || !begins(key, prefix)) return;
  const rest = string.sub(key, prefix.length + 1);
  const [slash] = string.find(rest, TABLE_END, 1, true);
  // `route:@web` is neither a host's key nor the pool @web's.
  if (slash !== undefined || (!isOfPools && isPoolName(rest))) return;
  if (!isOfPools && unmatchable !== undefined) {
    const meant = matchableName(rest, prefix === "");
    if (meant !== undefined) unmatchable(key, prefix + meant);
  }
  tell(sign === "" ? rest : sign + rest);
}

function begins(text: string, prefix: string): boolean {
  const [at] = string.find(text, prefix, 1, true);
  return at === 1;
}

import { KEY_SPACES, type KeySpace, spaceOf, type TablePrefixes } from "./key_spaces";

/** Ends the name of a table in the cache's names. */
const TABLE_END = "/";

/** Receives a key that no request can match, and the key that would match in its place. */
export type TellUnmatchable = (this: void, key: string, meant: string) => void;

/** Receives a name of the cache. */
export type TellName = (this: void, name: string) => void;

/**
 * Maps keys of Redis to names of the cache, and back. A name consists of the sign of its space, its table and a slash
 * (except for the default table), and the part of the key after the prefix: `app.example.com`, `@web`,
 * `internal/app.example.com`, `@internal/web`.
 *
 * Invariant: no name of the cache belongs to two tables or to two spaces. Neither a host nor a pool can have a `/` in
 * its name (see `isHost` and `parseTarget`), so a key with a `/` after its prefix is read for no name. A name of the
 * routes, whose sign is empty, never begins with the sign of another space.
 * @noSelf
 */
export interface Keys {
  /** The prefixes of keys, for messages: `route: or pool:`. */
  readonly expected: string;
  /** All prefixes, the default table's first. */
  readonly prefixes: readonly string[];
  /** @returns the prefix of a name's Redis key. */
  prefixOf(name: string): string;
  /** @returns the Redis key of a name. */
  keyOf(name: string): string;
  /**
   * Calls `tell` with each name that a key is read for. There are several if one prefix begins with another; the
   * longest prefix's name comes first. There is none if the key is under no prefix, or if no request can ask for its
   * rest.
   */
  eachName(key: string, tell: TellName): void;
  /** Whether a key is under one of the prefixes. */
  covers(key: string): boolean;
}

/** The keys of one space in one table: those that begin with one prefix. */
interface KeyRange {
  readonly space: KeySpace;
  readonly prefix: string;
  /** The prefix of their names in the cache. */
  readonly beginning: string;
}

/**
 * @param table nothing: the default one
 * @returns the prefix of the cache's names for one space of a table
 */
export function beginningOf(space: KeySpace, table: string | undefined): string {
  return table === undefined ? space.sign : space.sign + table + TABLE_END;
}

/** Splits a name without its sign. @returns the table (nothing: the default one), and the name in it. */
export function splitTable(name: string): LuaMultiReturn<[table: string | undefined, name: string]> {
  const [table, rest] = string.match(name, "^([^/]*)/(.*)$");
  return $multi(table, rest ?? name);
}

/**
 * @param defaults the prefixes of the default table
 * @param tables the others, by name; no prefix of one table may begin with one of another
 * @param unmatchable called for each key that `eachName` gets and no request can match
 */
export function newKeys(
  defaults: TablePrefixes,
  tables: Readonly<Record<string, TablePrefixes>> = {},
  unmatchable?: TellUnmatchable,
): Keys {
  const ranges = rangesOf(defaults, tables);
  const prefixes: string[] = [];
  const prefixByBeginning = new LuaMap<string, string>();
  for (const { prefix, beginning } of ranges) {
    prefixes.push(prefix);
    prefixByBeginning.set(beginning, prefix);
  }
  const expected = table.concat(prefixes, " or ");
  table.sort(ranges, (one, other) => one.prefix.length > other.prefix.length);

  const split = (name: string): LuaMultiReturn<[prefix: string, rest: string]> => {
    // A name without a slash belongs to the default table; no beginning is a slash alone.
    const [beginning = TABLE_END] = string.match(name, "^[^/]*/");
    const prefix = prefixByBeginning.get(beginning);
    if (prefix !== undefined) return $multi(prefix, string.sub(name, beginning.length + 1));
    const { sign } = spaceOf(name);
    return $multi(prefixByBeginning.get(sign) ?? "", string.sub(name, sign.length + 1));
  };

  return {
    expected,
    prefixes,
    prefixOf: (name) => {
      const [prefix] = split(name);
      return prefix;
    },
    keyOf: (name) => {
      const [prefix, rest] = split(name);
      return prefix + rest;
    },
    eachName: (key, tell) => {
      for (const range of ranges) tellName(range, key, tell, unmatchable);
    },
    covers: (key) => {
      for (const { prefix } of ranges) {
        if (begins(key, prefix)) return true;
      }
      return false;
    },
  };
}

function rangesOf(defaults: TablePrefixes, tables: Readonly<Record<string, TablePrefixes>>): KeyRange[] {
  const ranges: KeyRange[] = [];
  addRanges(ranges, defaults, undefined);
  for (const [name, own] of pairs(tables)) addRanges(ranges, own, name);
  return ranges;
}

function addRanges(ranges: KeyRange[], prefixes: TablePrefixes, table: string | undefined): void {
  for (const space of KEY_SPACES) {
    ranges.push({ space, prefix: prefixes[space.prefixSetting], beginning: beginningOf(space, table) });
  }
}

function tellName(range: KeyRange, key: string, tell: TellName, unmatchable: TellUnmatchable | undefined): void {
  const { space, prefix, beginning } = range;
  const length = key.length - prefix.length;
  if (length < 1 || length > space.longestName || !begins(key, prefix)) return;
  const rest = string.sub(key, prefix.length + 1);
  const [slash] = string.find(rest, TABLE_END, 1, true);
  // `route:@web` is neither a host's key nor the pool @web's: its name would be of another space.
  if (slash !== undefined || spaceOf(space.sign + rest) !== space) return;
  if (unmatchable !== undefined) {
    const meant = space.meantName(rest, prefix === "");
    if (meant !== undefined) unmatchable(key, prefix + meant);
  }
  // Most keys are routes of the default table: their names are what follows the prefix.
  tell(beginning === "" ? rest : beginning + rest);
}

function begins(text: string, prefix: string): boolean {
  const [at] = string.find(text, prefix, 1, true);
  return at === 1;
}

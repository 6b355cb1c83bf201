import { KEY_SPACES, type TablePrefixes } from "../redis/key_spaces";
import { quote } from "../text/complaint";
import { matches } from "../text/scan";
import { describe } from "../text/numbers";

/** The maximum lengths of a table's name and of its key prefixes, in bytes. */
const NAME_BYTES = 32;
const PREFIX_BYTES = 128;

/**
 * Checks the value of a setting that defines tables by name.
 * @returns what was expected and what was given, or nothing if the value is valid
 */
export function problemWithTables(range: { min: number; max: number }, value: unknown): string | undefined {
  if (type(value) !== "table") return `expected a table of tables by name, got ${describe(value)}`;
  for (const [name] of pairs(value as LuaTable<AnyNotNil, unknown>)) {
    const problem = problemWithName(name);
    if (problem !== undefined) return problem;
  }
  const tables = value as Readonly<Record<string, unknown>>;
  const names = sortedNames(tables);
  for (const name of names) {
    const problem = problemWithTable(name, tables[name]);
    if (problem !== undefined) return problem;
  }
  const count = names.length;
  if (count < range.min || count > range.max) return `expected ${range.min} to ${range.max} tables, got ${count}`;
  return undefined;
}

/** Checks a table's name. It appears in nginx's configuration, and before names in the cache: see `Keys`. */
function problemWithName(name: unknown): string | undefined {
  if (typeof name === "string" && name.length <= NAME_BYTES && matches(name, "^[a-z][a-z0-9_]*$")) return undefined;
  return `expected names of at most ${NAME_BYTES} bytes, a to z, 0 to 9 and _, got ${describe(name)}`;
}

function problemWithTable(name: string, given: unknown): string | undefined {
  if (type(given) !== "table") return `${name}: expected a table with ${prefixSettings()}, got ${describe(given)}`;
  const fields = given as LuaTable<AnyNotNil, unknown>;
  for (const { prefixSetting: part } of KEY_SPACES) {
    const prefix = fields.get(part);
    if (typeof prefix !== "string" || prefix === "" || prefix.length > PREFIX_BYTES) {
      const got = typeof prefix === "string" ? `${prefix.length} bytes` : describe(prefix);
      return `${name}.${part}: expected a string of 1 to ${PREFIX_BYTES} bytes, got ${got}`;
    }
  }
  for (const [field] of pairs(fields)) {
    if (!isPrefixSetting(field)) return `${name}: expected ${prefixSettings()}, got ${describe(field)} too`;
  }
  return undefined;
}

function isPrefixSetting(field: unknown): boolean {
  for (const { prefixSetting } of KEY_SPACES) {
    if (field === prefixSetting) return true;
  }
  return false;
}

/** @returns the settings that a table must have, as text for a message. */
function prefixSettings(): string {
  const names: string[] = [];
  for (const { prefixSetting } of KEY_SPACES) names.push(prefixSetting);
  return table.concat(names, " and ");
}

/** A key prefix, and the setting that gave it. */
interface Given {
  readonly prefix: string;
  readonly place: string;
  /** Absent for the default table. */
  readonly table?: string;
}

/**
 * Adds a problem for each two prefixes of different tables if one begins with the other, and for two equal prefixes of
 * one further table. So no key belongs to two tables, and no table's routes can name another table's pools. Example:
 * the pool `internal:web` under the prefix `pool:` has the same key as the pool `web` under the prefix
 * `pool:internal:`.
 */
export function checkTablePrefixes(
  defaults: TablePrefixes,
  tables: Readonly<Record<string, TablePrefixes>>,
  problems: string[],
): void {
  const seen: Given[] = [];
  for (const { prefixSetting } of KEY_SPACES) seen.push({ prefix: defaults[prefixSetting], place: prefixSetting });
  for (const name of sortedNames(tables)) {
    const own = tables[name];
    if (own !== undefined) checkPrefixesOf(name, own, seen, problems);
  }
}

function checkPrefixesOf(name: string, own: TablePrefixes, seen: Given[], problems: string[]): void {
  for (const { prefixSetting } of KEY_SPACES) {
    checkOne({ prefix: own[prefixSetting], place: `${name}.${prefixSetting}`, table: name }, seen, problems);
  }
}

/** Checks a prefix against those in `seen`, then adds it to them. */
function checkOne(given: Given, seen: Given[], problems: string[]): void {
  for (const other of seen) checkPair(given, other, problems);
  seen.push(given);
}

function sortedNames(tables: Readonly<Record<string, unknown>>): readonly string[] {
  const names: string[] = [];
  for (const [name] of pairs(tables)) names.push(name);
  table.sort(names);
  return names;
}

function checkPair(given: Given, other: Given, problems: string[]): void {
  const [shorter, longer] =
    given.prefix.length <= other.prefix.length ? [given.prefix, other.prefix] : [other.prefix, given.prefix];
  const isShared = string.sub(longer, 1, shorter.length) === shorter;
  if (isShared && (given.table !== other.table || given.prefix === other.prefix)) {
    const wanted = `expected a prefix that shares no key with ${other.place}`;
    problems.push(`tables: ${given.place}: ${wanted}, got ${quote(given.prefix)} beside ${quote(other.prefix)}`);
  }
}

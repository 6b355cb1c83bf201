import { KEY_SPACES, type PrefixSetting, type TablePrefixes } from "../redis/key_spaces";
import type { Result } from "../result";
import { quote } from "../text/complaint";
import { checkLogin, mergeEndpoint, readUrl, type RedisEndpoint } from "./endpoint";
import type { Knob } from "./knob";
import { KNOBS } from "./knobs";
import type { RedisUrl } from "./redis_url";
import { describeType } from "../text/numbers";
import { checkTablePrefixes } from "./tables";
import { checkNames, readValues, type EndpointPart, type Given, type Values } from "./values";

/** Every setting, in the unit and within the range that `KNOBS` gives. */
export interface Settings extends Omit<Values, EndpointPart> {
  /** Absent if there is a `routes_file` instead of Redis. */
  readonly endpoint?: RedisEndpoint | undefined;
}

/**
 * Checks the settings given to `init` and adds the fallbacks.
 *
 * `bad_settings`: the detail lists all problems, one per line, sorted. It never contains a password. A wrong value is
 * never replaced by a fallback.
 */
export function readSettings(given: unknown): Result<Settings, "bad_settings"> {
  if (!isTable(given)) {
    return $multi(undefined, "bad_settings", `settings: expected a table, got ${describeType(given)}`);
  }
  const problems: string[] = [];
  checkNames(given, problems);
  const values = readValues(given, problems);
  const url = readUrl(values, problems);
  if (url !== undefined) checkLogin(given, url, problems);
  checkPrefixes(values, problems);
  checkOrigin(given, values, problems);
  if (problems.length > 0) {
    table.sort(problems);
    return $multi(undefined, "bad_settings", table.concat(problems, "\n"));
  }
  // Without problems, every value is present.
  return $multi(settingsFrom(values as Values, url), undefined);
}

function isTable(value: unknown): value is Given {
  return type(value) === "table";
}

function checkPrefixes(values: Partial<Values>, problems: string[]): void {
  const defaults = new LuaTable<PrefixSetting, string>();
  const settingOf = new LuaMap<string, PrefixSetting>();
  for (const { prefixSetting } of KEY_SPACES) {
    const prefix = values[prefixSetting];
    if (prefix === undefined) return;
    const other = settingOf.get(prefix);
    if (other !== undefined) {
      problems.push(`${prefixSetting}: expected another than ${other}, got ${quote(prefix)} for both`);
    }
    settingOf.set(prefix, prefixSetting);
    defaults.set(prefixSetting, prefix);
  }
  if (values.tables !== undefined) {
    checkTablePrefixes(defaults as unknown as TablePrefixes, values.tables, problems);
  }
}

/**
 * Checks that routes come from Redis or a file, by absolute paths. `snapshot` needs Redis, because it is a copy of it.
 */
function checkOrigin(given: Given, values: Partial<Values>, problems: string[]): void {
  if (!given.has("redis") && !given.has("routes_file")) {
    problems.push("redis: must be given, or routes_file in its place");
  }
  for (const name of ["routes_file", "snapshot"] as const) {
    const path = values[name];
    if (path !== undefined && string.sub(path, 1, 1) !== "/") {
      problems.push(`${name}: expected an absolute path, got ${quote(path)}`);
    }
  }
  if (given.has("routes_file")) {
    checkAlone(given, problems);
  }
}

/** Refuses the settings of Redis and `snapshot` beside `routes_file`, which replaces Redis. */
function checkAlone(given: Given, problems: string[]): void {
  for (const name of ["redis", "snapshot"] as const) {
    if (given.has(name)) {
      problems.push(`routes_file: expected no ${name} beside it`);
    }
  }
  for (const name of ["redis_user", "redis_password", "redis_database"] as const) {
    if (!given.has("redis") && given.has(name)) {
      problems.push(`${name}: expected redis with it, got routes_file`);
    }
  }
}

function settingsFrom(values: Values, url: RedisUrl | undefined): Settings {
  const settings = new LuaTable<string, unknown>();
  for (const [name, knob] of pairs(KNOBS as Record<string, Knob>)) {
    if (knob.part === undefined) settings.set(name, values[name as keyof Values]);
  }
  if (url !== undefined) settings.set("endpoint", mergeEndpoint(url, values));
  return settings as unknown as Settings;
}

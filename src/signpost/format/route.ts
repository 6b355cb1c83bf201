import type { Result } from "../result";
import { type Address, printAddress } from "./address";
import { BACKENDS_BYTES, MOST_BACKENDS, parseBackend, parseMember } from "./backend";
import { quote } from "../text/complaint";
import { type Field, joinFields, parseFields, printField, sizeProblem, sorted, sortedByName } from "./fields";
import { withoutEnd, withoutLineEnd } from "../text/line_end";
import { newPathTable, parsePrefix, type PathEntry, type PathTable, printPrefix } from "./path_prefix";
import { canonicalTarget, parseAddresses, parseTarget, printTarget, type Target, TARGET_BYTES } from "./target";

/** A route ready for requests: one target for every path, a table of paths, or a list without a backend. */
export type CompiledRoute = Target | PathsRoute | { readonly kind: "no_backend" };

/** The target of each path prefix. A path that matches no prefix has no target. */
export interface PathsRoute {
  readonly kind: "paths";
  readonly paths: PathTable<Target>;
}

const MOST_PATHS = 256;

/**
 * The maximum size of a hash, in bytes. It applies to paths and targets as written and to the text printed from them.
 */
const HASH_BYTES = 65_536;

/**
 * The text of a list that contains only its label, which in Hipache is a host without a backend. A worker of version
 * 0.1.0 may read it during a reload, and answers 503 too. No string has this text: see `routeFromString`.
 */
const NO_BACKEND = "return\t\t503";

const LINE_FEED = 10;

/**
 * Reads a route from a string: one target. The text stays as written, so that Redis, the log and the cache show the
 * same text. Only line ends after it are removed. A text equal to `NO_BACKEND` becomes `return 503`.
 *
 * @returns the route's text; `bad_route` with the position, what was expected and what was found
 */
export function routeFromString(text: string): Result<string, "bad_route"> {
  const written = withoutLineEnd(text);
  const [target, err, detail] = parseTarget(written);
  if (err !== undefined) return bad(detail);
  return $multi(written === NO_BACKEND ? printTarget(target) : written, undefined);
}

/**
 * Reads a route from a hash: path prefix → target.
 *
 * @param flat the reply to `HGETALL`: at most 256 fields and 65,536 bytes
 * @returns the route's text, independent of the order of the fields; `bad_route` with the field, the position in it or
 * in its value, what was expected and what was found
 */
export function routeFromHash(flat: readonly string[]): Result<string, "bad_route"> {
  const count = math.ceil(flat.length / 2);
  if (count < 1 || count > MOST_PATHS) return bad(tooManyPaths(count));
  const problem = sizeProblem(flat, HASH_BYTES);
  if (problem !== undefined) return bad(problem);
  const sortedFlat = sortedByName(flat);
  const lines: string[] = [];
  for (const i of $range(0, sortedFlat.length - 1, 2)) {
    const name = sortedFlat[i] ?? "";
    const [prefix, pathErr, pathDetail] = parsePrefix(name);
    if (pathErr !== undefined) return bad(`field ${quote(name)}, ${pathDetail}`);
    const twin = twinOf(prefix, i, sortedFlat);
    if (twin !== undefined) return bad(givenTwice(name, twin));
    const [target, err, detail] = canonicalTarget(withoutLineEnd(sortedFlat[i + 1] ?? ""));
    if (err !== undefined) return bad(`field ${quote(name)}: ${detail}`);
    lines.push(printField(printPrefix(prefix), target));
  }
  const text = joinFields(lines);
  if (text.length > HASH_BYTES) {
    return bad(`expected no more than ${HASH_BYTES} bytes, each address with its port, got ${text.length}`);
  }
  return $multi(text, undefined);
}

/**
 * Reads a route from a list in Hipache's format: a label, which is ignored, then backends.
 *
 * @param items the reply to `LRANGE key 0 -1`. A backend is an address, or a URL whose path is ignored. An item equal
 * to the label is not a backend, unless it has a scheme or a port. If a list has no backend, its requests are refused
 * @returns the route's text, with the backends in the same order; `bad_route` with the item's index in Redis (the label
 * is item 0), the position in the item, what was expected and what was found
 */
export function routeFromList(items: readonly string[]): Result<string, "bad_route"> {
  if (items.length === 0) return bad("expected a label, got nothing");
  if (items.length - 1 > MOST_BACKENDS) return bad(tooManyBackends(items.length - 1));
  const problem = sizeProblem(items, BACKENDS_BYTES);
  if (problem !== undefined) return bad(problem);
  const label = items[0];
  const texts: string[] = [];
  for (const i of $range(1, items.length - 1)) {
    const item = items[i] ?? "";
    if (item !== label || isSurelyAddress(item)) {
      const [backend, err, detail] = readBackend(item);
      if (err !== undefined) return bad(`item ${i}: ${detail}`);
      texts.push(printAddress(backend));
    }
  }
  if (texts.length === 0) return $multi(NO_BACKEND, undefined);
  return joinBackends(texts);
}

/**
 * Reads a route from a set of backends of equal weight.
 *
 * @param members the reply to `SMEMBERS`, each member written as in a list
 * @returns the route's text, independent of the order of the members; `bad_route` with the member, the position in it,
 * what was expected and what was found
 */
export function routeFromSet(members: readonly string[]): Result<string, "bad_route"> {
  if (members.length < 1) return bad("expected a backend, got nothing");
  if (members.length > MOST_BACKENDS) return bad(tooManyBackends(members.length));
  const problem = sizeProblem(members, BACKENDS_BYTES);
  if (problem !== undefined) return bad(problem);
  const texts: string[] = [];
  const taken = new LuaSet<string>();
  for (const member of sorted(members)) {
    const [backend, err, detail] = readBackend(member);
    if (err !== undefined) return bad(`member ${quote(member)}: ${detail}`);
    const text = printAddress(backend);
    // A second spelling would double the weight of the address.
    if (taken.has(text)) return bad(`member ${quote(member)}: expected each address once, got ${quote(text)} again`);
    taken.add(text);
    texts.push(text);
  }
  return joinBackends(sorted(texts));
}

/**
 * Parses a route's text into its compiled form.
 *
 * @param text a text that one of the functions above returned, or a string's target as written in Redis
 * @returns `bad_route` for any other text
 */
export function compileRoute(text: string): Result<CompiledRoute, "bad_route"> {
  if (string.byte(text) === LINE_FEED) return compilePaths(text);
  if (text === NO_BACKEND) return $multi({ kind: "no_backend" }, undefined);
  if (text.length > TARGET_BYTES) return compileBackends(text);
  const [target, err, detail] = parseTarget(text);
  if (err !== undefined) return bad(detail);
  return $multi(target, undefined);
}

/** Compiles the text of a list or a set that is longer than a target may be. */
function compileBackends(text: string): Result<Target, "bad_route"> {
  const [peers, err, detail] = parseAddresses(text, BACKENDS_BYTES);
  if (err !== undefined) return bad(detail);
  return $multi({ kind: "peers", peers }, undefined);
}

function compilePaths(text: string): Result<PathsRoute, "bad_route"> {
  const fields = parseFields(text);
  if (fields === undefined) return bad(`expected lines of a path, a tab and a target, got ${quote(text)}`);
  const [entries, err, detail] = readPaths(fields);
  if (err !== undefined) return $multi(undefined, err, detail);
  return $multi({ kind: "paths", paths: newPathTable(entries) }, undefined);
}

/** @returns the entries in the order of the fields; `bad_route` for the first invalid field */
function readPaths(fields: readonly Field[]): Result<readonly PathEntry<Target>[], "bad_route"> {
  const entries: PathEntry<Target>[] = [];
  const spellings = new LuaMap<string, string>();
  for (const { name, value } of fields) {
    const [prefix, pathErr, pathDetail] = parsePrefix(name);
    if (pathErr !== undefined) return bad(`field ${quote(name)}, ${pathDetail}`);
    const twin = spellings.get(prefix);
    if (twin !== undefined) return bad(givenTwice(name, twin));
    spellings.set(prefix, name);
    const [to, err, detail] = parseTarget(value);
    if (err !== undefined) return bad(`field ${quote(name)}: ${detail}`);
    entries.push({ prefix, to });
  }
  return $multi(entries, undefined);
}

/**
 * Finds an earlier field with the same path as the one at `i`: the same name directly before it, or the name without
 * the slash at its end. A map of all paths would be the most expensive part of reading a short route.
 *
 * @param flat sorted by name
 */
function twinOf(prefix: string, i: number, flat: readonly string[]): string | undefined {
  const name = flat[i];
  if (i > 0 && flat[i - 2] === name) return name;
  if (prefix === name || prefix === "") return undefined;
  for (const j of $range(0, i - 2, 2)) {
    if (flat[j] === prefix) return prefix;
  }
  return undefined;
}

function givenTwice(name: string, twin: string): string {
  return `field ${quote(name)}: expected each path once, got ${quote(twin)} as well`;
}

/**
 * Reads an address, or a URL whose path is ignored. Hipache's backends are URLs, and only their host and port count
 * there.
 */
function readBackend(text: string): Result<Address, "bad_target"> {
  const [origin] = string.match(withoutEnd(text), "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]*");
  return origin === undefined ? parseMember(text) : parseBackend(origin);
}

/** Whether a text has a scheme or a port, which no label has. */
function isSurelyAddress(text: string): boolean {
  const [sign] = string.find(text, ":", 1, true);
  return sign !== undefined;
}

/** The text of a target with these backends. */
function joinBackends(texts: readonly string[]): Result<string, "bad_route"> {
  const text = table.concat(texts as string[], " ");
  if (text.length > BACKENDS_BYTES) {
    return bad(`expected no more than ${BACKENDS_BYTES} bytes, each address with its port, got ${text.length}`);
  }
  return $multi(text, undefined);
}

/** @returns the error message for a hash of `count` paths. */
export function tooManyPaths(count: number): string {
  return `expected 1 to ${MOST_PATHS} paths, got ${count}`;
}

/** @returns the error message for a list or a set of `count` backends. */
export function tooManyBackends(count: number): string {
  return `expected no more than ${MOST_BACKENDS}, got ${count} backends`;
}

function bad(detail: string): LuaMultiReturn<[value: undefined, err: "bad_route", detail: string]> {
  return $multi(undefined, "bad_route", detail);
}

/**
 * Finds requests whose path a backend may read differently than nginx does, so that the path belongs to another entry
 * of its route.
 *
 * nginx decodes a path, removes its dot segments and merges its slashes before Signpost matches routes with it. But it
 * sends the path on as it came. Backends differ in whether they take `\\` for `/` (WHATWG URL, as Node.js has it),
 * merge slashes, take what follows two slashes for a host (RFC 3986, section 4.2), end the path at `#`, and decode
 * `%2f`, `%5c` and `%2e` before they remove dot segments or only after. A backend may do any of these or none, in any
 * order, and repeat them as often as they change something; but it drops a host once at most. It may remove dot
 * segments after each, and removes them at the end. Each such sequence makes a reading.
 *
 * Invariant: a request is served only if every reading of its path leads to the same entry of its route. Backends are
 * assumed to read everything that is not named here as nginx does; `..;`, `%252e` and upper case are left to the
 * backend.
 *
 * A hostile path may have hundreds of readings, so the cost of a request is bounded: a path that is longer than
 * `PATH_BYTES`, or has more readings than `READINGS` or `READING_BYTES` allow, counts as ambiguous.
 */
import type { PathTable } from "../format/path_prefix";
import { findEntry } from "./match_path";

/** Reads a path in one way; a path that it does not concern stays as it is. */
type Reader = (this: void, path: string) => string;

/** The longest path that is read in more than one way, in bytes as the client sent them. */
const PATH_BYTES = 2_048;

/** How many different readings of a path are examined, and how many bytes they may have together. */
const READINGS = 128;
const READING_BYTES = 12_288;

const [BACKSLASH, SLASH, HASH, PERCENT, QUESTION, DOT] = [92, 47, 35, 37, 63, 46];

/**
 * Whether a target might be read in several ways: it has a `\\`, a `#`, two slashes in a row, or one of `%2f`, `%5c`,
 * `%2e` before its query. Dot segments alone have one reading, and so have all other `%XX`.
 *
 * It runs for each request of a route with paths: it makes no string, and LuaJIT compiles it.
 */
export function isSuspicious(target: string, hasQuery: boolean): boolean {
  let last = 0;
  for (const i of $range(1, target.length)) {
    const byte = string.byte(target, i);
    if (byte === QUESTION && hasQuery) return false;
    if (byte === BACKSLASH || byte === HASH || (byte === SLASH && last === SLASH)) return true;
    if (byte === PERCENT && isSeparator(string.byte(target, i + 1), string.byte(target, i + 2))) return true;
    last = byte;
  }
  return false;
}

/** Whether the two digits after a `%` are those of a slash (2F), a backslash (5C) or a dot (2E), of either case. */
function isSeparator(high: number | undefined, low: number | undefined): boolean {
  if (high === 50) return low === 102 || low === 70 || low === 101 || low === 69;
  return high === 53 && (low === 99 || low === 67);
}

/**
 * Whether a reading of a request's path leads to another entry of the route than `$uri` does. A path beyond the bounds
 * counts as such a reading.
 *
 * nginx sends the target on as it came, unless something has rewritten `$uri` (`rewrite`, an internal redirect): then
 * it sends `$uri`, encoded. So a target from which `$uri` did not come is not read. A request that is not internal was
 * not rewritten.
 *
 * @param uri nginx's `$uri`
 * @param target nginx's `$request_uri`
 * @param isInternal whether nginx may have rewritten the request
 */
export function isAmbiguous<T>(paths: PathTable<T>, uri: string, target: string, isInternal: boolean): boolean {
  if (isOneForAll(paths)) return false;
  const sent = sentPath(target);
  if (sent.length > PATH_BYTES || uri.length > PATH_BYTES) return true;
  let path = decodePath(sent);
  if (isInternal && !isReadAs(path, uri)) path = encode(uri);
  const entry = findEntry(paths, uri);
  return hasReading(path, (reading) => findEntry(paths, reading) !== entry);
}

/** Whether `$uri` came from the target, so that nothing has rewritten it. */
export function isReadingOf(target: string, uri: string): boolean {
  return isReadAs(decodePath(sentPath(target)), uri);
}

/** Whether all paths lead to the same entry. */
function isOneForAll<T>(paths: PathTable<T>): boolean {
  return paths.length === 1 && paths[0]?.prefix === "";
}

/** The path of a target, as the client sent it. */
function sentPath(target: string): string {
  const [query] = string.find(target, "?", 1, true);
  return query === undefined ? target : string.sub(target, 1, query - 1);
}

/** Decodes a path, except for the bytes in which readings differ and those that no prefix can hold. */
function decodePath(sent: string): string {
  const partly = replaced(sent, "%", "%%(%x%x)", decodeHarmless);
  return string.byte(partly) === SLASH ? partly : `/${partly}`;
}

/** Bytes that stay encoded. A decoded `%25` could begin another `%XX`; a decoded `%23` or `%3f` would end the path. */
const KEPT: Readonly<Record<number, string | undefined>> = {
  [SLASH]: "%2f",
  [BACKSLASH]: "%5c",
  [DOT]: "%2e",
  [PERCENT]: "%25",
  [HASH]: "%23",
  [QUESTION]: "%3f",
};

function decodeHarmless(this: void, digits: string): string {
  const byte = tonumber(digits, 16) ?? 0;
  return KEPT[byte] ?? string.char(byte);
}

/** Encodes a decoded path as `decodePath` leaves it. */
function encode(uri: string): string {
  const [path] = string.gsub(uri, "[%%#?]", encodeByte);
  return path;
}

function encodeByte(this: void, byte: string): string {
  return KEPT[string.byte(byte)] ?? byte;
}

/** Whether nginx makes this `$uri` of the path, whether `merge_slashes` is off or on. */
function isReadAs(path: string, uri: string): boolean {
  const decoded = decodeSeparators(endAtHash(path));
  return finished(withoutDots(decoded)) === uri || finished(withoutDots(mergeSlashes(decoded))) === uri;
}

const READERS: readonly Reader[] = [endAtHash, decodeSeparators, turnBackslashes, mergeSlashes, withoutDots];

/** The readings of a path that were examined. */
interface Seen {
  readonly paths: LuaSet<string>;
  count: number;
  bytes: number;
}

/** Whether any reading of a path `differs`, or there are more readings than are examined. */
function hasReading(path: string, differs: (this: void, reading: string) => boolean): boolean {
  const seen: Seen = { paths: new LuaSet(), count: 0, bytes: 0 };
  const unread: string[] = [path];
  const withHost: string[] = [];
  if (spread(unread, seen, differs, withHost)) return true;
  const withoutHosts: string[] = [];
  for (const one of withHost) withoutHosts.push(withoutHost(one));
  return spread(withoutHosts, seen, differs, undefined);
}

/** Counts one more reading of this size. @returns false if that is too much */
function isWithinBounds(seen: Seen, size: number): boolean {
  seen.count += 1;
  seen.bytes += size;
  return seen.count <= READINGS && seen.bytes <= READING_BYTES;
}

/**
 * Reads each path in all ways, and each result again. Dot segments are removed before a reading is examined.
 *
 * @param withHost collects the readings that begin with two slashes, as a host does
 * @returns whether one of them `differs`, or there are too many
 */
function spread(
  unread: string[],
  seen: Seen,
  differs: (this: void, reading: string) => boolean,
  withHost: string[] | undefined,
): boolean {
  for (;;) {
    const path = unread.pop();
    if (path === undefined) return false;
    if (seen.paths.has(path)) continue;
    seen.paths.add(path);
    if (!isWithinBounds(seen, path.length)) return true;
    if (differs(finished(withoutDots(path)))) return true;
    if (withHost !== undefined && beginsWithHost(path)) withHost.push(path);
    for (const reader of READERS) unread.push(reader(path));
  }
}

/**
 * Decodes the rest, as prefixes are decoded. A separator that is decoded only now did not count as one when dot
 * segments were removed.
 */
function finished(path: string): string {
  return replaced(path, "%", "%%(%x%x)", decodeByte);
}

function decodeByte(this: void, digits: string): string {
  return string.char(tonumber(digits, 16) ?? 0);
}

function endAtHash(this: void, path: string): string {
  const [hash] = string.find(path, "#", 1, true);
  if (hash === undefined) return path;
  return hash === 1 ? "/" : string.sub(path, 1, hash - 1);
}

function decodeSeparators(this: void, path: string): string {
  const slashes = replaced(path, "%2f", "%%2f", "/");
  const backslashes = replaced(slashes, "%5c", "%%5c", "\\");
  return replaced(backslashes, "%2e", "%%2e", ".");
}

function turnBackslashes(this: void, path: string): string {
  return replaced(path, "\\", "\\", "/");
}

function mergeSlashes(this: void, path: string): string {
  return replaced(path, "//", "//+", "/");
}

/**
 * Replaces what matches a pattern. Most readers leave most readings as they are, and a replacement copies all bytes
 * one by one: so a plain search, which costs little, comes first.
 *
 * @param sign occurs in everything that matches
 */
function replaced(
  text: string,
  sign: string,
  pattern: string,
  by: string | ((this: void, match: string) => string),
): string {
  const [found] = string.find(text, sign, 1, true);
  if (found === undefined) return text;
  const [result] = string.gsub(text, pattern, by);
  return result;
}

/** Removes dot segments as in RFC 3986, section 5.2.4: `/a/./b/../c/..` becomes `/a/`. Above the root is the root. */
function withoutDots(this: void, path: string): string {
  const [dots] = string.find(path, "/.", 1, true);
  if (dots === undefined) return path;
  const [segment] = string.find(`${path}/`, "/%.%.?/", dots);
  if (segment === undefined) return path;
  return withoutDotSegments(path);
}

function withoutDotSegments(path: string): string {
  const segments: string[] = [];
  let isFolder = false;
  for (const [segment = ""] of string.gmatch(path, "/([^/]*)")) {
    isFolder = segment === "." || segment === "..";
    if (segment === "..") segments.pop();
    else if (segment !== ".") segments.push(segment);
  }
  if (isFolder) segments.push("");
  return `/${table.concat(segments, "/")}`;
}

function beginsWithHost(path: string): boolean {
  return string.sub(path, 1, 2) === "//";
}

/** @returns what follows the host that two or more slashes begin: WHATWG's parser skips all of them */
function withoutHost(path: string): string {
  const [rest = ""] = string.match(path, "^//+[^/]*(.*)$");
  return rest === "" ? "/" : rest;
}

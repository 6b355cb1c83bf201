import type { Result } from "../result";
import { refuse } from "../text/complaint";

/** A path prefix, and the target of the paths below it. */
export interface PathEntry<T> {
  /** Without the slash at its end: `/` is the empty string. */
  readonly prefix: string;
  readonly to: T;
}

/** The longest prefix first, without duplicates. */
export type PathTable<T> = readonly PathEntry<T>[];

const SLASH = 47;

const PREFIX_BYTES = 1024;

/** Patterns that nginx removes from a path before it becomes `$uri`. A prefix that contains one would never match. */
const NEVER_IN_URI = ["//", "/%.%.?%f[%z/]", "[?#]", "%%%x%x"];

/** @param entries in any order @returns the entries in the order that `matchPath` needs */
export function newPathTable<T>(entries: readonly PathEntry<T>[]): PathTable<T> {
  const paths: PathEntry<T>[] = [];
  for (const entry of entries) paths.push(entry);
  table.sort(paths, (a, b) => a.prefix.length > b.prefix.length);
  return paths;
}

/**
 * Reads a path prefix, the name of a field in a route's hash. `/api/` is the same as `/api`.
 *
 * @param text begins with `/` and is normalized and decoded as nginx's `$uri` is; at most 1024 bytes
 * @returns the prefix as `PathEntry` holds it; `bad_target` with the position, what was expected and what was found
 */
export function parsePrefix(text: string): Result<string, "bad_target"> {
  if (text.length > PREFIX_BYTES) {
    return refuse(PREFIX_BYTES + 1, `no more than ${PREFIX_BYTES} bytes in a path`, string.sub(text, PREFIX_BYTES + 1));
  }
  if (isPlainPath(text)) return $multi(withoutSlash(text), undefined);
  if (string.byte(text) !== SLASH) return refuse(1, "a path that begins with /", text);
  const [control] = string.find(text, "%c");
  if (control !== undefined) return refuse(control, "no control byte in a path", string.sub(text, control));
  for (const pattern of NEVER_IN_URI) {
    const [alien] = string.find(text, pattern);
    if (alien !== undefined) {
      return refuse(alien, "a path as nginx's $uri has it: no //, . or .., no query, no %XX", string.sub(text, alien));
    }
  }
  return $multi(withoutSlash(text), undefined);
}

/**
 * Fast path: whether a path begins with a slash and contains only letters, digits, `-`, `_` and single slashes. Such a
 * path is valid. LuaJIT compiles this loop; it does not compile a pattern search.
 */
function isPlainPath(text: string): boolean {
  let isAfterSlash = false;
  for (const i of $range(1, text.length)) {
    const byte = string.byte(text, i);
    const isSlash = byte === SLASH;
    if (isSlash ? isAfterSlash : !isWordByte(byte)) return false;
    isAfterSlash = isSlash;
  }
  return string.byte(text) === SLASH;
}

/** Whether the byte is a letter, a digit, `-` or `_`. */
function isWordByte(byte: number): boolean {
  return (
    (byte >= 97 && byte <= 122) ||
    (byte >= 48 && byte <= 57) ||
    (byte >= 65 && byte <= 90) ||
    byte === 45 ||
    byte === 95
  );
}

function withoutSlash(text: string): string {
  return string.byte(text, text.length) === SLASH ? string.sub(text, 1, -2) : text;
}

/** The text of a prefix: `parsePrefix(printPrefix(prefix))` returns the same prefix. */
export function printPrefix(prefix: string): string {
  return prefix === "" ? "/" : prefix;
}

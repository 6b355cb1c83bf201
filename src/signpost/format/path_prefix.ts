import type { Result } from "../result";
import { refuse } from "../text/complaint";

/** A path prefix, and what the paths below it lead to. */
export interface PathEntry<T> {
  /** Without the slash at its end: of `/` nothing remains. */
  readonly prefix: string;
  readonly to: T;
}

/** The longest prefix first, none twice. */
export type PathTable<T> = readonly PathEntry<T>[];

const SLASH = 47;

const PREFIX_BYTES = 1024;

/** What nginx takes out of a path before it becomes `$uri`: a prefix that has it would never match. */
const NEVER_IN_URI = ["//", "/%.%.?%f[%z/]", "[?#]", "%%%x%x"];

/** @returns the entries in the order `matchPath` needs, whatever order they are in */
export function newPathTable<T>(entries: readonly PathEntry<T>[]): PathTable<T> {
  const paths: PathEntry<T>[] = [];
  for (const entry of entries) paths.push(entry);
  table.sort(paths, (a, b) => a.prefix.length > b.prefix.length);
  return paths;
}

/**
 * Reads a path prefix as a route's field has it; `/api/` is `/api`.
 *
 * @param text begins with `/` and is normalized and decoded as nginx's `$uri` is; at most 1024 bytes
 * @returns the prefix as `PathEntry` holds it; `bad_target` with the place, what was expected and what was there
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
 * Whether a path has a letter after each slash but the last, and else nothing but letters, digits, `-` and `_`: then it is
 * well written. LuaJIT compiles this, and not a search for a pattern.
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

/** Letters, digits, `-`, `_`. */
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

/** `parsePrefix(printPrefix(prefix))` is the prefix again. */
export function printPrefix(prefix: string): string {
  return prefix === "" ? "/" : prefix;
}

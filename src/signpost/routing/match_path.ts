import type { PathEntry, PathTable } from "../format/path_prefix";

const SLASH = 47;

/**
 * Finds the entry that a path belongs to. The longest prefix wins, and ends where a segment ends: `/api` matches
 * `/api` and `/api/x`, not `/apix`; `/` matches the rest.
 *
 * It runs for every request of a route with paths: it makes no string and no table, and never reads a byte of a prefix
 * twice.
 *
 * @param uri begins with a slash, as nginx's `$uri` does
 * @returns nothing when no prefix matches
 */
export function findEntry<T>(paths: PathTable<T>, uri: string): PathEntry<T> | undefined {
  for (const entry of paths) {
    if (isWithin(entry.prefix, uri)) return entry;
  }
  return undefined;
}

function isWithin(prefix: string, uri: string): boolean {
  const length = prefix.length;
  if (length > uri.length || (length < uri.length && string.byte(uri, length + 1) !== SLASH)) return false;
  // Backwards, because prefixes differ at their ends. Lua's plain find would be shorter, but where it does not match
  // at once it searches the rest of the path: 256 prefixes and a path of 8,000 bytes took milliseconds.
  for (const i of $range(length, 1, -1)) {
    if (string.byte(prefix, i) !== string.byte(uri, i)) return false;
  }
  return true;
}

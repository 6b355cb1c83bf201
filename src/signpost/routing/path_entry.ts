import type { PathEntry, PathTable } from "../format/path_prefix";
import { findEntry } from "./match_path";
import { isAmbiguous, isSuspicious } from "./path_readings";
import type { PathlessPlan } from "./plan";

/** Stands for every path that no entry of the route holds. */
const NO_ENTRY: PathEntry<PathlessPlan> = { prefix: "", to: { kind: "fail", word: "no_route" } };

/** Stands for a path that a backend may read as one of another entry. */
const AMBIGUOUS: PathEntry<PathlessPlan> = { prefix: "", to: { kind: "fail", word: "bad_path" } };

/**
 * Finds the entry of a route that a request's path belongs to.
 *
 * @param uri nginx's `$uri`
 * @param target nginx's `$request_uri`
 * @param isInternal whether nginx may have rewritten the request; called only for a suspicious path
 * @returns an entry that fails with `no_route` if no prefix matches, or with `bad_path` if the path has two readings
 *   that lead to different entries
 */
export function entryFor(
  paths: PathTable<PathlessPlan>,
  uri: string,
  target: string,
  isInternal: (this: void) => boolean,
): PathEntry<PathlessPlan> {
  const isSuspect = isSuspicious(target, true) || (target !== uri && isSuspicious(uri, false));
  if (isSuspect && isAmbiguous(paths, uri, target, isInternal())) return AMBIGUOUS;
  return findEntry(paths, uri) ?? NO_ENTRY;
}

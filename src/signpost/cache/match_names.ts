import { Known } from "./record";

/**
 * How far a record can be trusted. `fresh`: it is what Redis holds, as far as this node can know. `stale`: its time is
 * up; it is used, and re-read soon. `unverified`: it may have missed a change, so it is re-read before it is used.
 */
export type Trust = "fresh" | "stale" | "unverified";

/** What the cache knows about the names that a host may match. */
export interface NameMatch {
  /** `found`: `name` answers. `none`: no name does. `unknown`: a name that could answer must be read first. */
  readonly verdict: "found" | "none" | "unknown";
  readonly name?: string;
  readonly known?: Known;
  /** When the oldest of the records that led to the verdict was read, seconds since 1970. */
  readonly checked: number;
  /** Names to read from Redis: those never read, and those not fresh. */
  readonly due: readonly string[];
}

/**
 * Finds the first name that exists, the most specific first.
 *
 * Invariant: a less specific name answers only when every more specific one is known to be absent. Not knowing is not
 * absence: with Redis down, `*` must not answer for a host that may have a route of its own.
 */
export function matchNames(
  names: readonly string[],
  find: (this: void, name: string) => Known | undefined,
  trust: (this: void, name: string, known: Known) => Trust,
): NameMatch {
  const due: string[] = [];
  let unknown = false;
  let checked = math.huge;
  for (const name of names) {
    const known = find(name);
    const trusted = known === undefined ? "unverified" : trust(name, known);
    if (trusted !== "fresh") {
      due.push(name);
    }
    if (known === undefined || trusted === "unverified") {
      unknown = true;
      continue;
    }
    checked = math.min(checked, known.checked);
    if (known.kind !== "absent" && !unknown) {
      return { verdict: "found", name, known, checked, due };
    }
  }
  return { verdict: unknown ? "unknown" : "none", checked, due };
}

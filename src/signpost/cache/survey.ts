import { Known } from "./record";

/** What the levels know about the names a host may match. */
export interface Survey {
  /** `found`: `name` answers. `none`: no name does. `unknown`: a name that could answer was never read. */
  readonly verdict: "found" | "none" | "unknown";
  readonly name?: string;
  readonly known?: Known;
  /** When the oldest of the records that led to the verdict was read, seconds since 1970. */
  readonly checked: number;
  /** Names to read from Redis: those never read, and those last read before `freshSince`. */
  readonly due: readonly string[];
}

/**
 * Goes through the names, most specific first, to the first that exists.
 *
 * Invariant: a less specific name answers only when every more specific one is known to be absent. Not knowing is not
 * absence: with Redis down, `*` must not answer for a host that may have a route of its own.
 *
 * @param freshSince seconds since 1970; what was read before it is used, and is due to be read again
 */
export function survey(
  names: readonly string[],
  find: (this: void, name: string) => Known | undefined,
  freshSince: number,
): Survey {
  const due: string[] = [];
  let unknown = false;
  let checked = math.huge;
  for (const name of names) {
    const known = find(name);
    if (known === undefined || known.checked < freshSince) {
      due.push(name);
    }
    if (known === undefined) {
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

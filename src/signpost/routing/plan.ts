import { FailureWord } from "../result";
import { printHostPort } from "./address";
import { parseTarget, Target } from "./target";

/** Where a request can be sent, in the words of `proxy_pass`. */
export interface Hop {
  /** What follows `://` in `proxy_pass`: `10.0.0.5:8080`, `[fd00::5]:80`, `app.internal:443`. */
  readonly upstream: string;
  readonly scheme: "http" | "https";
}

/** What to do with a request: a target, compiled once for all the requests it answers. */
export type Plan =
  | { readonly kind: "proxy"; readonly hops: readonly Hop[]; turn: number }
  | { readonly kind: "return"; readonly status: number; readonly url?: string; readonly appendRequestUri: boolean }
  | { readonly kind: "fail"; readonly word: FailureWord; readonly detail: string };

/** @returns the plan of a target's text; one that cannot be parsed is a plan to fail as `bad_route`. */
export function planOf(text: string): Plan {
  const [target, err, detail] = parseTarget(text);
  return err === undefined ? planOfTarget(target) : badRoute(detail);
}

/** @returns the plan of a route that never had a good value. */
export function badRoute(detail: string): Plan {
  return { kind: "fail", word: "bad_route", detail };
}

function planOfTarget(target: Target): Plan {
  if (target.kind === "return") {
    return target;
  }
  if (target.kind === "pool") {
    return badRoute(`@${target.name} names a pool`);
  }
  const hops: Hop[] = [];
  for (const peer of target.peers) {
    hops.push({ upstream: printHostPort(peer), scheme: peer.scheme });
  }
  return { kind: "proxy", hops, turn: 0 };
}

/** @returns the next of the plan's hops: each in turn, for they weigh the same. */
export function nextHop(plan: Plan & { kind: "proxy" }): Hop {
  const { hops, turn } = plan;
  plan.turn = turn + 1 < hops.length ? turn + 1 : 0;
  return hops[turn] as Hop;
}

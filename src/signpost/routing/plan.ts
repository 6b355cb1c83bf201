import { FailureWord } from "../result";
import { Pool, PoolMaker } from "../balance/pool";
import { PathEntry, PathTable } from "../format/path_prefix";
import { ReturnTarget } from "../format/return_target";
import { compileRoute } from "../format/route";
import { PoolTarget, Target } from "../format/target";
import { PathRule } from "./replace_prefix";

/** What to do with a request, whatever its path: compiled once for all the requests it answers. */
export type PathlessPlan =
  /** To send it to one of its backends. */
  Pool | PoolRef | ReturnTarget | { readonly kind: "fail"; readonly word: FailureWord } | PlanWithRules;

/** To do what `to` says, but with another path, or not by http. */
export interface PlanWithRules {
  readonly kind: "with_rules";
  readonly path: PathRule | undefined;
  readonly isHttpsOnly: boolean;
  readonly to: Pool | PoolRef;
}

/** To look that pool up. */
interface PoolRef {
  readonly kind: "pool_ref";
  readonly name: string;
}

/** What a route, or a pool, comes to. */
export type Plan = PathlessPlan | { readonly kind: "paths"; readonly paths: PathTable<PathlessPlan> };

/** What a good record says, or why there is none; see `Known`. */
export interface Recorded {
  readonly kind: "route" | "bad" | "absent";
  readonly text: string;
}

/**
 * Makes a plan of a record.
 * @param before the plan that this one replaces: rotations and counts go on
 * @param name the record's
 */
export type Planner = (this: void, known: Recorded, before: Plan | undefined, name: string) => Plan;

/** Told that the record of a name cannot serve, and why: more than once for the same, too. */
export type TellBad = (this: void, name: string, reason: string) => void;

/**
 * Tells of each bad record that is used. Who read it has said so, if it was read from Redis; but one from a file is not read
 * again without Redis, nor while Redis is down.
 */
export function sayingBad(planner: Planner, tellBad: TellBad): Planner {
  return (known, before, name) => {
    if (known.kind === "bad") tellBad(name, known.text);
    return planner(known, before, name);
  };
}

/** That there never was a good value: see the log for what is wrong with it. */
const BAD: PathlessPlan = { kind: "fail", word: "bad_route" };

/** That the host is known and has no backend: a list that holds no more than its label. */
const NO_BACKEND: PathlessPlan = { kind: "fail", word: "no_peer_up" };

/** @returns what makes plans of routes. */
export function routePlanner(pools: PoolMaker): Planner {
  return (known, before) => {
    if (known.kind !== "route") return BAD;
    const [route, err] = compileRoute(known.text);
    if (err !== undefined) return BAD;
    if (route.kind === "no_backend") return NO_BACKEND;
    if (route.kind !== "paths") return planOf(route, "", before, pools);
    const entries: PathEntry<PathlessPlan>[] = [];
    for (const { prefix, to } of route.paths) {
      entries.push({ prefix, to: planOf(to, prefix, atPrefix(before, prefix), pools) });
    }
    return { kind: "paths", paths: entries };
  };
}

/** @returns what makes plans of pools: to send requests to their members, if there ever was a good value. */
export function poolPlanner(pools: PoolMaker): Planner {
  return (known, before, name) => {
    if (known.kind !== "route") return BAD;
    const [pool, err] = pools.ofText(known.text, poolOf(before), name);
    return err === undefined ? pool : BAD;
  };
}

/** @param prefix of the path that the target is for */
function planOf(target: Target, prefix: string, before: Plan | undefined, pools: PoolMaker): PathlessPlan {
  if (target.kind === "return") return target;
  const to = target.kind === "peers" ? pools.ofAddresses(target.peers, poolOf(before)) : poolRef(target);
  const [path, isHttpsOnly] = [pathRule(target.path, prefix), target.httpsOnly === true];
  return path === undefined && !isHttpsOnly ? to : { kind: "with_rules", path, isHttpsOnly, to };
}

/** To put one slash in place of another changes nothing. */
function pathRule(path: string | undefined, prefix: string): PathRule | undefined {
  return path === undefined || (path === "/" && prefix === "") ? undefined : { prefix, path };
}

function poolRef({ name }: PoolTarget): PoolRef {
  return { kind: "pool_ref", name };
}

function poolOf(plan: Plan | undefined): Pool | undefined {
  const to = plan?.kind === "with_rules" ? plan.to : plan;
  return to?.kind === "backends" ? to : undefined;
}

function atPrefix(plan: Plan | undefined, prefix: string): Plan | undefined {
  if (plan?.kind !== "paths") return undefined;
  for (const entry of plan.paths) {
    if (entry.prefix === prefix) return entry.to;
  }
  return undefined;
}

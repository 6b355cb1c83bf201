import { FailureWord } from "../result";
import { Pool, PoolMaker } from "../balance/pool";
import { PathEntry, PathTable } from "../format/path_prefix";
import { ReturnTarget } from "../format/return_target";
import { compileRoute } from "../format/route";
import { PoolTarget, Target } from "../format/target";
import { KnownValue } from "../redis/reading";
import { PathRule } from "./replace_prefix";

/** What to do with a request, whatever its path. Compiled once for all the requests that it answers. */
export type PathlessPlan =
  /** A pool: send it to one of the backends. */
  Pool | PoolRef | ReturnTarget | FailurePlan | PlanWithRules;

/** Refuse it. */
export interface FailurePlan {
  readonly kind: "fail";
  readonly word: FailureWord;
}

/** Do what `to` says, with another path, or only over https. */
export interface PlanWithRules {
  readonly kind: "with_rules";
  readonly path: PathRule | undefined;
  readonly isHttpsOnly: boolean;
  readonly to: Pool | PoolRef;
}

/** Look that pool up. */
interface PoolRef {
  readonly kind: "pool_ref";
  readonly name: string;
}

/** What a route's record is compiled to. */
export type Plan = PathlessPlan | { readonly kind: "paths"; readonly paths: PathTable<PathlessPlan> };

/** What a pool's record is compiled to: its members, or a failure. */
export type PlanOfPool = Pool | FailurePlan;

/**
 * Makes a plan of a record.
 * @param before the plan that this one replaces: its rotations and counts go on
 * @param name the record's
 */
export type Planner<P extends Plan> = (this: void, known: KnownValue, before: P | undefined, name: string) => P;

/** Reports that the record of a name cannot serve, and why. May be called again for the same record. */
export type TellBad = (this: void, name: string, reason: string) => void;

/**
 * Reports each bad record that is used. The reader has reported what it read from Redis; but a record from a file is
 * not read again without Redis, or while Redis is down.
 */
export function sayingBad<P extends Plan>(planner: Planner<P>, tellBad: TellBad): Planner<P> {
  return (known, before, name) => {
    if (known.kind === "bad") tellBad(name, known.text);
    return planner(known, before, name);
  };
}

/** There never was a good value; the log says what is wrong with it. */
const BAD: FailurePlan = { kind: "fail", word: "bad_route" };

/** The host is known and has no backend: its list holds only the label. */
const NO_BACKEND: PathlessPlan = { kind: "fail", word: "no_peer_up" };

/** @returns the planner of routes */
export function routePlanner(pools: PoolMaker): Planner<Plan> {
  return (known, before) => {
    if (known.kind !== "good") return BAD;
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

/** @returns the planner of pools */
export function poolPlanner(pools: PoolMaker): Planner<PlanOfPool> {
  return (known, before, name) => {
    if (known.kind !== "good") return BAD;
    const [pool, err] = pools.ofText(known.text, poolOf(before), name);
    return err === undefined ? pool : BAD;
  };
}

/** @param prefix the path prefix that the target is for */
function planOf(target: Target, prefix: string, before: Plan | undefined, pools: PoolMaker): PathlessPlan {
  if (target.kind === "return") return target;
  const to = target.kind === "peers" ? pools.ofAddresses(target.peers, poolOf(before)) : poolRef(target);
  const [path, isHttpsOnly] = [pathRule(target.path, prefix), target.httpsOnly === true];
  return path === undefined && !isHttpsOnly ? to : { kind: "with_rules", path, isHttpsOnly, to };
}

/** @returns nothing if the rule would put one slash in place of another */
function pathRule(path: string | undefined, prefix: string): PathRule | undefined {
  const isChanged = path !== undefined && (path !== "/" || prefix !== "");
  return isChanged ? { prefix, path } : undefined;
}

function poolRef(target: PoolTarget): PoolRef {
  return { kind: "pool_ref", name: target.name };
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

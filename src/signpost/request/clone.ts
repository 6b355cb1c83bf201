import { Recall } from "../cache/lookup";
import { Plan, PlanOfPool } from "../routing/plan";
import { Choice, chooseCarefully, letGo } from "../balance/choose";
import { Health } from "../health/health";
import { Pool } from "../balance/pool";
import { hashKey } from "./hash_key";
import { planOfPath } from "./rewrite";
import { mainRequest, NONE, use, Use } from "./assignment";

/** What following a route takes where nothing may wait. */
export interface CloneParts {
  readonly health: Health;
  readonly recall: Recall<Plan>;
  readonly recallPool: Recall<PlanOfPool>;
}

/** @returns what the request's table has; nothing if there is no such table. */
export type PartsOfRequest = (this: void) => CloneParts | undefined;

/**
 * Begins the use of a request that nginx has cloned, to refresh a cached page (`proxy_cache_background_update`) or for one
 * part of an answer (`slice`). A clone skips the rewrite phase, and has its request's variables. So the route is followed
 * here, where nothing may wait: by what the node knows, as that of its request was a moment ago.
 *
 * It has no log phase either: so it is not counted among the requests under way, and takes no trial.
 *
 * @returns nothing for a request that is no clone, or when nothing is known
 */
export function beginClone(partsOfRequest: PartsOfRequest): Use | undefined {
  const main = mainRequest();
  const parts = main === "" ? undefined : partsOfRequest();
  const pool = parts === undefined ? undefined : poolOfClone(parts);
  if (parts === undefined || pool === undefined) {
    return undefined;
  }
  const { hashOn } = pool.options;
  const key = hashOn === undefined ? 0 : hashKey(hashOn, false);
  const choice = chooseCarefully(pool, parts.health, key, NONE);
  if (choice === undefined) {
    return undefined;
  }
  letGo(pool, choice.peer, true);
  const clone = use(pool, key, withoutTrial(choice, parts.health), false, { run: 0, main });
  clone.isCounted = false;
  return clone;
}

/** A request whose outcome nobody learns leaves the trial to others. */
export function withoutTrial(choice: Choice, health: Health): Choice {
  if (choice.as !== "trial") {
    return choice;
  }
  health.trialUnused(choice.peer.healthKey);
  return { peer: choice.peer, as: "anyway" };
}

/** One with a member that must go by address is not for the upstream block, where the clone is. */
function poolOfClone({ recall, recallPool }: CloneParts): Pool | undefined {
  const route = recall(ngx.var.host ?? "");
  const pathless = route?.kind === "paths" ? planOfPath(route.paths) : route;
  const plan = pathless?.kind === "with_rules" ? pathless.to : pathless;
  const pool = plan?.kind === "pool" ? recallPool(plan.name) : plan;
  return pool?.kind === "proxy" && pool.isPoolable ? pool : undefined;
}

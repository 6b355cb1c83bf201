import type { Recall } from "../cache/lookup";
import type { Plan, PlanOfPool } from "../routing/plan";
import { entryFor } from "../routing/path_entry";
import { type Choice, chooseCarefully, letGo } from "../balance/choose";
import type { Health } from "../health/health";
import type { Pool } from "../balance/pool";
import { assign, type Assignment, mainRequest, NO_PEERS, requestId } from "./assignment";
import { hashKey } from "./hash_key";
import { nginxRequest } from "./nginx_request";

/** What following a route without waiting needs. */
export interface CloneParts {
  readonly health: Health;
  readonly recall: Recall<Plan>;
  readonly recallPool: Recall<PlanOfPool>;
}

/** @returns the parts of the request's table; nothing if there is no such table. */
export type PartsOfRequest = (this: void) => CloneParts | undefined;

/**
 * Assigns a peer to a request that nginx has cloned, either to refresh a cached page (`proxy_cache_background_update`)
 * or to fetch one part of an answer (`slice`). A clone skips the rewrite phase and shares its request's variables. So
 * the balancer follows the route by what the node knows, because it must not wait.
 *
 * A clone has no log phase either, so it is not counted among the requests under way, and takes no trial.
 *
 * @returns nothing if the request is no clone, or if the node does not know its route
 */
export function beginClone(partsOfRequest: PartsOfRequest): Assignment | undefined {
  const main = mainRequest();
  const parts = main !== "" ? partsOfRequest() : undefined;
  const pool = parts !== undefined ? poolOfClone(parts) : undefined;
  if (parts === undefined || pool === undefined) {
    return undefined;
  }
  const [key] = hashKey(pool.options, nginxRequest, false);
  const choice = chooseCarefully(pool, parts.health, key, NO_PEERS);
  if (choice === undefined) {
    return undefined;
  }
  letGo(pool, choice.peer, true);
  const { peer, as } = withoutTrial(choice, parts.health);
  const clone = assign(requestId(), { pool, key, peer, as, isByAddress: false }, 0, main);
  clone.isCounted = false;
  return clone;
}

/** Leaves the trial to other requests: the outcome of this one would never be reported. */
export function withoutTrial(choice: Choice, health: Health): Choice {
  if (choice.as !== "trial") {
    return choice;
  }
  health.trialUnused(choice.peer.healthKey);
  return { peer: choice.peer, as: "anyway" };
}

/** @returns nothing for a pool with a member that must go by address: the clone is in the upstream block already. */
function poolOfClone(parts: CloneParts): Pool | undefined {
  const { recall, recallPool } = parts;
  const { uri, target, isInternal } = nginxRequest;
  const route = recall(ngx.var.host ?? "");
  const pathless = route?.kind === "paths" ? entryFor(route.paths, uri(), target(), isInternal).to : route;
  const plan = pathless?.kind === "with_rules" ? pathless.to : pathless;
  const pool = plan?.kind === "pool_ref" ? recallPool(plan.name) : plan;
  return pool?.kind === "backends" && pool.isPoolable ? pool : undefined;
}

import type { Health } from "../health/health";
import { report } from "../balance/outcome";
import { type Assignment, release, releaseSubrequests } from "./assignment";
import { nginxTries } from "./nginx_tries";
import { outcomeOf } from "./tries";

/**
 * The log phase. Reports the outcome of the request's last try; the balancer has reported the earlier ones.
 *
 * Fast path: for a peer that was up, only a status of 500 or more is examined.
 */
export function logRequest(health: Health): void {
  const assignment = release();
  if (assignment !== undefined && (assignment.as !== "up" || ngx.status >= 500)) {
    conclude(assignment, health);
  }
  releaseSubrequests(health);
}

/** Reports the last try of an assignment that has ended, with the request or by an internal redirect. */
export function conclude(assignment: Assignment, health: Health): void {
  const outcome = outcomeOf(assignment, nginxTries);
  if (outcome !== undefined) {
    report(assignment.pool, assignment, outcome, health);
  } else if (assignment.as === "trial") {
    // The request never reached the peer: it was refused for another reason, such as a missing password, or its client
    // left.
    health.trialUnused(assignment.peer.healthKey);
  }
}

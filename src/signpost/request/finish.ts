import { Health } from "../health/health";
import { report } from "../balance/outcome";
import { outcomeOf } from "./tries";
import { release, releaseSubrequests, Use } from "./assignment";

/**
 * Says what became of the request's last try; the balancer has said it of those before.
 *
 * No news is good news: of a peer that was up, only what looks like a failure is looked at.
 */
export function logRequest(health: Health): void {
  const use = release();
  if (use !== undefined && (use.as !== "up" || ngx.status >= 500)) {
    conclude(use, health);
  }
  releaseSubrequests(health);
}

/** Says what became of the last try of a use that is over: of the request, or of its part before an internal redirect. */
export function conclude(use: Use, health: Health): void {
  const outcome = outcomeOf(use);
  if (outcome !== undefined) {
    report(use.pool, use, outcome, health);
  } else if (use.as === "trial") {
    // It was refused for another reason, such as a missing password, or its client went away.
    health.trialUnused(use.peer.healthKey);
  }
}

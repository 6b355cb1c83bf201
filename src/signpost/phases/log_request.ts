import { Health } from "../upstream/health";
import { report } from "../upstream/outcome";
import { outcomeOfLastTry } from "./tries";
import { release } from "./use";

/**
 * Says what became of the request's last try; the balancer has said it of those before.
 *
 * No news is good news: of a peer that was up, only what looks like a failure is looked at.
 */
export function logRequest(health: Health): void {
  const use = release();
  if (use === undefined || (use.as === "up" && ngx.status < 500)) {
    return;
  }
  const outcome = outcomeOfLastTry();
  if (outcome !== undefined) {
    report(use.pool, use, outcome, health);
  }
}

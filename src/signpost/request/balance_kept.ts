import { enable_keepalive, set_current_peer, set_more_tries } from "ngx.balancer";
import { triesLeft } from "../balance/first_try";
import { type Outcome, report } from "../balance/outcome";
import type { Health } from "../health/health";
import { type Assignment, currentAssignment, NO_RUN } from "./assignment";
import { balanceRequest, NO_LIVE_UPSTREAM } from "./balance";
import { beginClone, type PartsOfRequest } from "./clone";
import { nginxRequest } from "./nginx_request";
import { nginxTries } from "./nginx_tries";
import { outcomeOfTry } from "./tries";
import { mayReuse } from "./upstream_block";

/** A connection is closed after this many requests, as `keepalive_requests` of signpost.http.conf has it. */
const REQUESTS_OF_CONNECTION = 100_000;

/** The first try, and the free one that other nginx versions would give. */
const WITH_RETRY = 2;

/**
 * Makes the balancer phase for an nginx that takes back the retry after a closed connection (`isRetryTakenBack`).
 * There, these requests go to the block that keeps no connections (`signpost_fresh`). ngx_lua keeps them instead, and
 * only a first try takes a kept one.
 *
 * Invariant: a request is tried as often as its pool says, and once more if the first try met a connection that the
 * backend had closed. This ends, because every further try goes over a new connection.
 *
 * @param idleSeconds how long an idle connection is kept
 */
export function balancerOfKept(idleSeconds: number): typeof balanceRequest {
  return (health, partsOfRequest) => {
    balanceKept(health, partsOfRequest, idleSeconds);
  };
}

function balanceKept(health: Health, partsOfRequest: PartsOfRequest, idleSeconds: number): void {
  const assignment = currentAssignment() ?? beginClone(partsOfRequest);
  if (assignment === undefined || assignment.isByAddress || !mayReuse(assignment.pool.options.reuse, nginxRequest)) {
    balanceRequest(health, partsOfRequest);
    return;
  }
  const isFirst = assignment.tries === 0;
  if (assignment.tries === 1 && !mayGoOn(assignment, health)) {
    return;
  }
  balanceRequest(health, partsOfRequest);
  if (isFirst) {
    keepConnection(idleSeconds);
  }
}

/** Overrides the number of tries: the pool's other tries are added once the outcome of this one is known. */
function keepConnection(idleSeconds: number): void {
  set_more_tries(WITH_RETRY); // dropped: nginx's own limit is lower
  if (enable_keepalive !== undefined) {
    enable_keepalive(idleSeconds, REQUESTS_OF_CONNECTION); // dropped: there is no peer, which the log says already
  }
}

/** Gives the tries that are left after the first one, or ends the request. @returns whether there is another try */
function mayGoOn(assignment: Assignment, health: Health): boolean {
  const outcome = outcomeOfTry(assignment, nginxTries);
  const left = triesLeft(assignment.pool.tries, outcome);
  if (left > 1) {
    set_more_tries(left - 1); // dropped: nginx's own limit is lower
  }
  if (left > 0) {
    return true;
  }
  if (outcome === undefined) {
    ngx.exit(NO_LIVE_UPSTREAM);
    return false;
  }
  report(assignment.pool, assignment, outcome, health);
  if (outcome.isAnswered) {
    askAgain(assignment);
  } else {
    giveUp(assignment, outcome);
  }
  return false;
}

/**
 * nginx has dropped the answer because of its status (`proxy_next_upstream http_503`): it expects another try. It
 * passes on only the answer to the last try. No other peer may be asked for that, so the same peer is asked again.
 */
function askAgain(assignment: Assignment): void {
  assignment.as = "anyway";
  assignment.tries += 1;
  set_current_peer(assignment.peer.host, assignment.peer.port); // dropped: it was set before
}

/**
 * Ends the request as if nginx had not asked for another try: with the status of its try, or an old page from the
 * cache.
 */
function giveUp(assignment: Assignment, outcome: Outcome): void {
  assignment.run = NO_RUN;
  ngx.exit(ngx.var.upstream_cache_status === "EXPIRED" ? NO_LIVE_UPSTREAM : outcome.status);
}

import { enable_keepalive, set_current_peer, set_more_tries } from "ngx.balancer";
import { triesLeft } from "../balance/first_try";
import { Outcome, report } from "../balance/outcome";
import { Health } from "../health/health";
import { inUse, NO_RUN, Use } from "./assignment";
import { balanceRequest, NO_LIVE_UPSTREAM } from "./balance";
import { beginClone, PartsOfRequest } from "./clone";
import { outcomeOfTry } from "./tries";
import { mayReuse } from "./upstream_block";

/** After so many requests a connection is closed, as `keepalive_requests` of signpost.http.conf has it. */
const REQUESTS_OF_CONNECTION = 100_000;

/** The first try, and the one that nginx would have to give for nothing. */
const WITH_RETRY = 2;

/**
 * Makes the balancer phase for an nginx that takes back the retry after a closed connection (`isRetryTakenBack`). There, the
 * block of these requests keeps no connections (`signpost_fresh`). ngx_lua does, and only a first try takes one of them.
 *
 * Invariant: a request is tried as often as its pool says, and once more if the first try met a connection that the backend
 * had closed. This ends, because every further try goes over a new connection.
 *
 * @param idleSeconds how long an idle connection is kept
 */
export function balancerOfKept(idleSeconds: number): typeof balanceRequest {
  return (health, partsOfRequest) => {
    balanceKept(health, partsOfRequest, idleSeconds);
  };
}

function balanceKept(health: Health, partsOfRequest: PartsOfRequest, idleSeconds: number): void {
  const use = inUse() ?? beginClone(partsOfRequest);
  if (use === undefined || use.isByAddress || !mayReuse(use.pool.options.reuse)) {
    balanceRequest(health, partsOfRequest);
    return;
  }
  const isFirst = use.tries === 0;
  if (use.tries === 1 && !mayGoOn(use, health)) {
    return;
  }
  balanceRequest(health, partsOfRequest);
  if (isFirst) {
    keepConnection(idleSeconds);
  }
}

/** Sets the tries anew: the rest of the pool's are given when it is known what became of this one. */
function keepConnection(idleSeconds: number): void {
  set_more_tries(WITH_RETRY); // dropped: nginx's own limit is lower
  if (enable_keepalive !== undefined) {
    enable_keepalive(idleSeconds, REQUESTS_OF_CONNECTION); // dropped: there is no peer, which the log says already
  }
}

/** Gives the tries that are left after the first one, or says how the request ends. */
function mayGoOn(use: Use, health: Health): boolean {
  const outcome = outcomeOfTry(use);
  const left = triesLeft(use.pool.tries, outcome);
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
  report(use.pool, use, outcome, health);
  if (outcome.isAnswered) {
    askAgain(use);
  } else {
    giveUp(use, outcome);
  }
  return false;
}

/**
 * nginx has dropped the answer for its status (`proxy_next_upstream http_503`), because there is another try. It hands on
 * the answer to the last one. There is no other peer for that.
 */
function askAgain(use: Use): void {
  use.as = "anyway";
  use.tries += 1;
  set_current_peer(use.peer.host, use.peer.port); // dropped: it was set before
}

/** The request ends as if nginx had not asked: with the status of its try, or an old page from the cache. */
function giveUp(use: Use, outcome: Outcome): void {
  use.run = NO_RUN;
  ngx.exit(ngx.var.upstream_cache_status === "EXPIRED" ? NO_LIVE_UPSTREAM : outcome.status);
}

import { set_current_peer, set_more_tries, set_timeouts } from "ngx.balancer";
import { log } from "../platform/log";
import { chooseCarefully, letGo } from "../balance/choose";
import { Health } from "../health/health";
import { mayBeStale, report } from "../balance/outcome";
import { beginClone, PartsOfRequest, withoutTrial } from "./clone";
import { nginxTries } from "./nginx_tries";
import { outcomeOfTry } from "./tries";
import { Assignment, currentAssignment, mainRequest, NO_PEERS, NO_RUN } from "./assignment";

/**
 * The balancer phase. Hands nginx the peer that the rewrite phase has chosen, or another one after a failure.
 *
 * nginx decides whether there is another try (`proxy_next_upstream`): not after the last one, not for a request that
 * was sent and is not idempotent, and not for one whose body was streamed.
 */
export function balanceRequest(health: Health, partsOfRequest: PartsOfRequest): void {
  const assignment = currentAssignment() ?? beginClone(partsOfRequest);
  if (assignment === undefined) {
    refuseUnknown();
    return;
  }
  if (assignment.isByAddress) {
    // A subrequest has changed the variables that it shares with this request. The block's connections are not for
    // this peer.
    refuseTry();
    return;
  }
  if (assignment.tries === 0) {
    prepare(assignment);
  } else if (!takeAnother(assignment, health)) {
    assignment.run = NO_RUN;
    refuseTry();
    return;
  }
  assignment.tries += 1;
  const [, err] = set_current_peer(assignment.peer.host, assignment.peer.port);
  if (err !== undefined) {
    log.error(`${assignment.peer.name}: ${err}`);
  }
}

function refuseUnknown(): void {
  if (mainRequest() === "") {
    log.error("this location has the upstream block, but not signpost.location.conf");
    ngx.exit(500);
  } else {
    refuseTry();
  }
}

/** NGX_BUSY: the balancer has no peer. nginx answers 502 and does not ask again. */
export const NO_LIVE_UPSTREAM = -3;

/** Ends the try explicitly: ngx_lua from 0.10.27 on answers 500 for a balancer that sets no peer. */
function refuseTry(): void {
  ngx.exit(NO_LIVE_UPSTREAM);
}

/** Gives the request its tries and timeouts. The block has a single server, so it adds no try of its own. */
function prepare(assignment: Assignment): void {
  const { only, isPlain, options, tries } = assignment.pool;
  if (only === undefined) {
    set_more_tries(tries); // dropped: it says that nginx's own limit is lower
  }
  if (!isPlain) {
    // dropped: they are in range
    set_timeouts(seconds(options.connectTimeout), undefined, seconds(options.readTimeout));
  }
}

/**
 * Assigns another peer for the next try, never the same one twice while there is another. A peer that may only have
 * closed a kept connection has not failed: when no other is left, it is tried again. This ends, because nginx asks
 * again only if tries are left or the connection was a kept one, and every try uses up one or the other.
 *
 * @returns false if no peer is left
 */
function takeAnother(assignment: Assignment, health: Health): boolean {
  const { pool, peer, key } = assignment;
  if (assignment.tried === NO_PEERS) {
    [assignment.tried, assignment.failed] = [new LuaSet(), new LuaSet()];
  }
  const { tried, failed } = assignment;
  tried.add(peer.name);
  const outcome = outcomeOfTry(assignment, nginxTries);
  if (outcome !== undefined) {
    report(pool, assignment, outcome, health);
  }
  if (outcome === undefined || !mayBeStale(outcome)) {
    failed.add(peer.name);
  }
  const next = chooseCarefully(pool, health, key, tried) ?? chooseCarefully(pool, health, key, failed);
  if (next === undefined) {
    return false;
  }
  const choice = assignment.isCounted ? next : withoutTrial(next, health);
  letGo(pool, assignment.isCounted ? peer : next.peer, true);
  [assignment.peer, assignment.as] = [choice.peer, choice.as];
  return true;
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds !== undefined ? milliseconds / 1000 : undefined;
}

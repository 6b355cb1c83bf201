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
 * Hands nginx the peer that the rewrite phase has chosen; and when that fails, another.
 *
 * nginx decides whether there is another try: not after the last, not when the request was sent and is not idempotent,
 * and not when its body was streamed (`proxy_next_upstream`).
 */
export function balanceRequest(health: Health, partsOfRequest: PartsOfRequest): void {
  const assignment = currentAssignment() ?? beginClone(partsOfRequest);
  if (assignment === undefined) {
    refuseUnknown();
    return;
  }
  if (assignment.isByAddress) {
    // A subrequest has led its request here, by the variables that they share. Its connections are not for this peer.
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

/** nginx's word for a balancer that has no peer (NGX_BUSY): it answers 502, and asks for no other. */
export const NO_LIVE_UPSTREAM = -3;

/** Said in so many words: ngx_lua from 0.10.27 on answers 500 for a balancer that sets no peer. */
function refuseTry(): void {
  ngx.exit(NO_LIVE_UPSTREAM);
}

/** The block itself has no try to give: so these are all. */
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
 * Never the same peer twice while there is another. One that may only have closed a kept connection has not failed: when
 * no other is left, it is tried again. That ends: nginx asks again only if there are tries left or the connection was a
 * kept one, and every try uses one up.
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
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

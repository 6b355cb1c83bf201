import { set_current_peer, set_more_tries, set_timeouts } from "ngx.balancer";
import { log } from "../platform/log";
import { chooseCarefully, letGo } from "../balance/choose";
import { Health } from "../health/health";
import { mayBeStale, report } from "../balance/outcome";
import { beginClone, PartsOfRequest, withoutTrial } from "./clone";
import { outcomeOfTry } from "./tries";
import { inUse, mainRequest, NONE, NO_RUN, Use } from "./assignment";

/**
 * Hands nginx the peer that the rewrite phase has chosen; and when that fails, another.
 *
 * nginx decides whether there is another try: not after the last, not when the request was sent and is not idempotent,
 * and not when its body was streamed (`proxy_next_upstream`).
 */
export function balanceRequest(health: Health, partsOfRequest: PartsOfRequest): void {
  const use = inUse() ?? beginClone(partsOfRequest);
  if (use === undefined) {
    refuseUnknown();
    return;
  }
  if (use.isByAddress) {
    // A subrequest has led its request here, by the variables that they share. Its connections are not for this peer.
    refuseTry();
    return;
  }
  if (use.tries === 0) {
    prepare(use);
  } else if (!takeAnother(use, health)) {
    use.run = NO_RUN;
    refuseTry();
    return;
  }
  use.tries += 1;
  const [, err] = set_current_peer(use.peer.host, use.peer.port);
  if (err !== undefined) {
    log.error(`${use.peer.name}: ${err}`);
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
function prepare(use: Use): void {
  const { only, isPlain, options, tries } = use.pool;
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
function takeAnother(use: Use, health: Health): boolean {
  const { pool, peer, key } = use;
  if (use.tried === NONE) {
    [use.tried, use.failed] = [new LuaSet(), new LuaSet()];
  }
  const { tried, failed } = use;
  tried.add(peer.name);
  const outcome = outcomeOfTry(use);
  if (outcome !== undefined) {
    report(pool, use, outcome, health);
  }
  if (outcome === undefined || !mayBeStale(outcome)) {
    failed.add(peer.name);
  }
  const next = chooseCarefully(pool, health, key, tried) ?? chooseCarefully(pool, health, key, failed);
  if (next === undefined) {
    return false;
  }
  const choice = use.isCounted ? next : withoutTrial(next, health);
  letGo(pool, use.isCounted ? peer : next.peer, true);
  [use.peer, use.as] = [choice.peer, choice.as];
  return true;
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

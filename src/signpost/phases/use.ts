import { cast } from "ffi";
import { get_request } from "resty.core.base";
import { Choice, letGo } from "../upstream/choose";
import { Peer } from "../upstream/peer";
import { Pool } from "../upstream/pool";

/** One request's use of a pool, from its rewrite phase to its log phase. */
export interface Use extends Choice {
  pool: Pool;
  /** What the request was hashed to, for a further choice. */
  key: number;
  peer: Peer;
  as: Choice["as"];
  /** Whether nginx has asked the balancer for a try. */
  isTried: boolean;
  /** The names of the peers that were tried before; nothing as long as there was one try. */
  tried: LuaSet<string> | undefined;
  /** Those of them that it would be of no use to try again. */
  failed: LuaSet<string> | undefined;
  /** False: it is over, and waits for the next request that nginx gives the same address. */
  isOn: boolean;
}

/**
 * By nginx's address of the request: that costs a third of what `ngx.ctx` does, and outlasts an internal redirect. A use
 * that is over is used again: to make and to drop one for each request would cost as much as all else that is done here.
 *
 * A request whose last location has not our log phase leaves its use on, until another request gets its address.
 */
const uses = new LuaMap<number, Use>();

/** Notes what this request uses. */
export function use(pool: Pool, key: number, { peer, as }: Choice): void {
  const id = requestId();
  const last = uses.get(id);
  if (last === undefined) {
    uses.set(id, { pool, key, peer, as, isTried: false, tried: undefined, failed: undefined, isOn: true });
    return;
  }
  if (last.isOn) {
    letGo(last.pool, last.peer);
  }
  last.pool = pool;
  last.key = key;
  last.peer = peer;
  last.as = as;
  last.isTried = false;
  last.tried = undefined;
  last.failed = undefined;
  last.isOn = true;
}

/** @returns what this request uses. */
export function inUse(): Use | undefined {
  const last = uses.get(requestId());
  return last?.isOn === true ? last : undefined;
}

/** @returns what this request used; from now on it uses nothing. */
export function release(): Use | undefined {
  const last = inUse();
  if (last === undefined) {
    return undefined;
  }
  last.isOn = false;
  letGo(last.pool, last.peer);
  return last;
}

function requestId(): number {
  return tonumber(cast("uintptr_t", get_request() ?? 0)) ?? 0;
}

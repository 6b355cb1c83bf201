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
  /** How many tries nginx has asked the balancer for; by address, it asks for none. */
  tries: number;
  /** How many uses this request had before, each ended by an internal redirect. */
  redirects: number;
  /** The names of the peers that were tried before; `NONE` as long as there was one try. */
  tried: LuaSet<string>;
  /** Those of them that it would be of no use to try again. */
  failed: LuaSet<string>;
  /** False: it is over, and waits for the next request that nginx gives the same address. */
  isOn: boolean;
}

/**
 * No peer's name. Uses have it in place of nothing: an empty field would come and go in the table, whose fields would then
 * lie now here, now there, and what LuaJIT has compiled for the one is of no use for the other.
 */
export const NONE = new LuaSet<string>();

/**
 * By nginx's address of the request: that costs a third of what `ngx.ctx` does, and outlasts an internal redirect. A use
 * that is over is used again: to make and to drop one for each request would cost as much as all else that is done here.
 */
const uses = new LuaMap<number, Use>();

let count = 0;

/** So many requests at once are rare; but there may be that many addresses, in the course of time. */
const MANY = 4096;

/** How many uses there may be before those that are over are dropped: twice those that are on, so that it is seldom. */
let room = MANY;

// No function declaration: TypeScriptToLua would put it first, and `uses`, assigned after it, would be no constant to LuaJIT.
const makeRoom = () => {
  count += 1;
  if (count <= room) {
    return;
  }
  for (const [id, one] of uses) {
    if (!one.isOn) {
      uses.delete(id);
      count -= 1;
    }
  }
  room = math.max(MANY, 2 * count);
};

/** Notes what this request uses; what it used before must have been released. */
export function use(pool: Pool, key: number, { peer, as }: Choice, redirects: number): void {
  const id = requestId();
  const last = uses.get(id);
  if (last === undefined) {
    makeRoom();
    uses.set(id, { pool, key, peer, as, tries: 0, redirects, tried: NONE, failed: NONE, isOn: true });
    return;
  }
  last.pool = pool;
  last.key = key;
  last.peer = peer;
  last.as = as;
  last.tries = 0;
  last.redirects = redirects;
  last.tried = NONE;
  last.failed = NONE;
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

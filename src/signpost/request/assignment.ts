import { cast } from "ffi";
import { get_request } from "resty.core.base";
import { Choice, letGo } from "../balance/choose";
import { Health } from "../health/health";
import { Peer } from "../balance/peer";
import { Pool } from "../balance/pool";
import { wasTried } from "./tries";

/** What a use belongs to. */
export interface Origin {
  /** How many runs of `proxy_pass` the request has had before: what they became is not the use's. */
  readonly run: number;
  /** Of a subrequest, its main request (`mainRequest`); otherwise empty. */
  readonly main: string;
}

/** That of a request that nginx has led nowhere else before. */
export const AT_FIRST: Origin = { run: 0, main: "" };

/** One request's use of a pool, from its rewrite phase to its log phase. */
export interface Use extends Choice {
  pool: Pool;
  /** What the request was hashed to, for a further choice. */
  key: number;
  peer: Peer;
  as: Choice["as"];
  /** Whether `proxy_pass` is given the peer's own address: then the balancer is not asked. */
  isByAddress: boolean;
  /** How many tries nginx has asked the balancer for. */
  tries: number;
  /** The index of its run of `proxy_pass` in nginx's lists; `NO_RUN`: what became of its tries is noted already. */
  run: number;
  /** The names of the peers that were tried before; `NONE` as long as there was one try. */
  tried: LuaSet<string>;
  /** Those of them that it would be of no use to try again. */
  failed: LuaSet<string>;
  /** Of a subrequest, its main request; otherwise empty. */
  main: string;
  /** Whether its pool counts it among the requests under way. */
  isCounted: boolean;
  /** False: it is over, and waits for the next request that nginx gives the same address. */
  isOn: boolean;
}

/**
 * No peer's name. Uses have it in place of nothing: an empty field would come and go in the table, whose fields would then
 * lie now here, now there, and what LuaJIT has compiled for the one is of no use for the other.
 */
export const NONE = new LuaSet<string>();

/** The index of no run. */
export const NO_RUN = -1;

/**
 * By nginx's address of the request: that costs a third of what `ngx.ctx` does, and outlasts an internal redirect. A use
 * that is over is used again: to make and to drop one for each request would cost as much as all else that is done here.
 *
 * A use outlasts its request if that has no log phase of ours (a `log_by_lua` of the user's own, a subrequest). So what is
 * found on at an address may be another request's: see `inUse` and `earlierUse`.
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

/** The uses of subrequests by main request: nginx runs no log phase for them. */
let ofSubrequests = new LuaMap<string, Use[]>();

/** How many main requests have such uses. */
let mains = 0;

const register = (use: Use, main: string) => {
  const known = ofSubrequests.get(main);
  if (known !== undefined) {
    known.push(use);
    return;
  }
  if (mains >= MANY) {
    // Main requests without our log phase have filled it.
    ofSubrequests = new LuaMap();
    mains = 0;
  }
  ofSubrequests.set(main, [use]);
  mains += 1;
};

/** Notes what this request uses; what it used before must have been released. */
export function use(pool: Pool, key: number, { peer, as }: Choice, isByAddress: boolean, origin: Origin): Use {
  const { run, main } = origin;
  const id = requestId();
  let one = uses.get(id);
  if (one === undefined) {
    makeRoom();
    one = {
      pool,
      key,
      peer,
      as,
      isByAddress,
      tries: 0,
      run,
      tried: NONE,
      failed: NONE,
      main,
      isCounted: true,
      isOn: true,
    };
    uses.set(id, one);
  } else {
    one.pool = pool;
    one.key = key;
    one.peer = peer;
    one.as = as;
    one.isByAddress = isByAddress;
    one.tries = 0;
    one.run = run;
    one.tried = NONE;
    one.failed = NONE;
    one.main = main;
    one.isCounted = true;
    one.isOn = true;
  }
  if (main !== "") {
    register(one, main);
  }
  return one;
}

/** @returns what this request uses. Only one that is internal can meet another's: all others have just noted their own. */
export function inUse(): Use | undefined {
  const last = uses.get(requestId());
  if (last?.isOn !== true || (ngx.req.is_internal() && last.main !== mainRequest())) {
    return undefined;
  }
  return last;
}

/**
 * Asked by the rewrite phase, which begins a use.
 *
 * @param isInternal whether nginx has led the request here from another location, or it is a subrequest
 * @param main the main request's name, if it is a subrequest
 * @returns what this request used before nginx led it here; still on
 */
export function earlierUse(isInternal: boolean, main: string, health: Health): Use | undefined {
  const last = uses.get(requestId());
  if (last?.isOn !== true) {
    return undefined;
  }
  if (isInternal && last.main === main) {
    return last;
  }
  abandon(last, health);
  return undefined;
}

/** @returns what this request used; from now on it uses nothing. */
export function release(): Use | undefined {
  const last = uses.get(requestId());
  if (last?.isOn !== true) {
    return undefined;
  }
  last.isOn = false;
  // The common case, a single address, has nothing to give back.
  if (last.pool.only === undefined && last.isCounted) {
    letGo(last.pool, last.peer, wasTried(last));
  }
  return last;
}

/** Ends the uses of this request's subrequests. What became of their last tries, only they could have asked. */
export function releaseSubrequests(health: Health): void {
  if (mains === 0) {
    return;
  }
  const main = nameOfConnection();
  const known = ofSubrequests.get(main);
  if (known === undefined) {
    return;
  }
  ofSubrequests.delete(main);
  mains -= 1;
  for (const one of known) {
    if (one.isOn && one.main === main) {
      abandon(one, health);
    }
  }
}

/** Ends a use without a word about what became of it. */
function abandon(one: Use, health: Health): void {
  one.isOn = false;
  if (one.isCounted) {
    letGo(one.pool, one.peer, true);
  }
  if (one.as === "trial") {
    health.trialUnused(one.peer.healthKey);
  }
}

/** @returns the name of the main request; empty if this is it. */
export function mainRequest(): string {
  return ngx.is_subrequest ? nameOfConnection() : "";
}

/** A request and its subrequests share the connection, and nginx numbers both connections and the requests on one. */
function nameOfConnection(): string {
  return `${ngx.var.connection ?? ""} ${ngx.var.connection_requests ?? ""}`;
}

function requestId(): number {
  return tonumber(cast("uintptr_t", get_request() ?? 0)) ?? 0;
}

import { cast } from "ffi";
import { get_request } from "resty.core.base";
import { Choice, letGo } from "../balance/choose";
import { Health } from "../health/health";
import { Peer } from "../balance/peer";
import { Pool } from "../balance/pool";
import { nginxTries } from "./nginx_tries";
import { wasTried } from "./tries";

/** The peer that a request is sent to, from its rewrite phase to its log phase. */
export interface Assignment extends Choice {
  pool: Pool;
  /** What the request was hashed to; needed to choose again. */
  key: number;
  peer: Peer;
  as: Choice["as"];
  /** Whether `proxy_pass` is given the peer's own address: nginx then does not ask the balancer. */
  isByAddress: boolean;
  /** How many tries nginx has asked the balancer for. */
  tries: number;
  /**
   * The index of its run of `proxy_pass` in nginx's `$upstream_*` lists. A request has another run after each internal
   * redirect (`error_page`, `try_files`). `NO_RUN` once the outcome of every try has been reported.
   */
  run: number;
  /** The names of the peers that earlier tries went to; `NO_PEERS` until there is a second try. */
  tried: LuaSet<string>;
  /** Those of them that have failed, so that another try of them is pointless. */
  failed: LuaSet<string>;
  /** For a subrequest, the main request's name (`mainRequest`); otherwise empty. */
  main: string;
  /** Whether the pool's picker counts it among the requests under way. */
  isCounted: boolean;
  /** False once the request has ended: the table then waits for the next request at the same address. */
  isActive: boolean;
}

/**
 * Shared empty set. `tried` and `failed` are never nil: a table that changes shape defeats compiled traces.
 */
const NO_PEERS = new LuaSet<string>();

// Exported here, because TypeScriptToLua turns an `export const` into a field: each use costs a compiled trace three
// constants. LuaJIT gives up on a trace with more than 500, and the rewrite phase must be one trace.
export { NO_PEERS, requestId };

/** Is not the index of any run. */
export const NO_RUN = -1;

/**
 * Assignments by nginx's address of the request. The address costs a third of what `ngx.ctx` costs, and it survives an
 * internal redirect. Tables are reused: making and dropping one for each request would cost as much as all the rest of
 * the rewrite phase.
 *
 * An assignment outlives its request if the request has no log phase of Signpost's: if the user's own `log_by_lua`
 * replaces it, or in a subrequest. So an active one may belong to an earlier request at the same address:
 * `currentAssignment` and `earlierAssignment` tell these apart.
 */
const assignments = new LuaMap<number, Assignment>();

/** How many tables `assignments` holds. */
let count = 0;

/** Few workers have this many requests at once; but over time nginx may use more addresses than this. */
const MANY = 4096;

/**
 * How many tables there may be before those of ended requests are dropped: twice the active ones, so that it is rare.
 */
let room = MANY;

// Not a function declaration: TypeScriptToLua hoists those above `assignments`, and LuaJIT takes an upvalue for a
// constant only if it is assigned before the function is made.
const makeRoom = () => {
  count += 1;
  if (count <= room) {
    return;
  }
  for (const [id, assignment] of assignments) {
    if (!assignment.isActive) {
      assignments.delete(id);
      count -= 1;
    }
  }
  room = math.max(MANY, 2 * count);
};

/** The assignments of subrequests, by their main request: nginx runs no log phase for a subrequest. */
let ofSubrequests = new LuaMap<string, Assignment[]>();

/** How many main requests `ofSubrequests` holds. */
let mains = 0;

const noteSubrequest = (assignment: Assignment) => {
  const { main } = assignment;
  const known = ofSubrequests.get(main);
  if (known !== undefined) {
    known.push(assignment);
    return;
  }
  if (mains >= MANY) {
    // Only main requests that have no log phase of Signpost's can have filled it.
    ofSubrequests = new LuaMap();
    mains = 0;
  }
  ofSubrequests.set(main, [assignment]);
  mains += 1;
};

/** A choice to assign. */
interface Chosen extends Choice {
  readonly pool: Pool;
  readonly key: number;
  readonly isByAddress: boolean;
}

/**
 * Assigns a peer to a request. An earlier assignment of the request must have been released.
 *
 * @param id the request's; see `requestId`
 * @param run see `Assignment`
 * @param main see `Assignment`
 */
export function assign(id: number, chosen: Chosen, run: number, main: string): Assignment {
  const { pool, key, peer, as, isByAddress } = chosen;
  let assignment = assignments.get(id);
  if (assignment === undefined) {
    makeRoom();
    assignment = {
      pool,
      key,
      peer,
      as,
      isByAddress,
      tries: 0,
      run,
      tried: NO_PEERS,
      failed: NO_PEERS,
      main,
      isCounted: true,
      isActive: true,
    };
    assignments.set(id, assignment);
  } else {
    assignment.pool = pool;
    assignment.key = key;
    assignment.peer = peer;
    assignment.as = as;
    assignment.isByAddress = isByAddress;
    assignment.tries = 0;
    assignment.run = run;
    assignment.tried = NO_PEERS;
    assignment.failed = NO_PEERS;
    assignment.main = main;
    assignment.isCounted = true;
    assignment.isActive = true;
  }
  if (main !== "") {
    noteSubrequest(assignment);
  }
  return assignment;
}

/**
 * @returns this request's assignment. Only an internal request can find another's at its address: any other request
 * has just made its own in the rewrite phase.
 */
export function currentAssignment(): Assignment | undefined {
  const found = assignments.get(requestId());
  if (found?.isActive !== true || (ngx.req.is_internal() && found.main !== mainRequest())) {
    return undefined;
  }
  return found;
}

/**
 * For the rewrite phase, before it assigns another peer. Ends an assignment that another request has left at this
 * address.
 *
 * @param id the request's; see `requestId`
 * @param isInternal whether this is a subrequest, or an internal redirect has moved the request here
 * @param main the main request's name, if it is a subrequest
 * @returns this request's assignment from before an internal redirect; it is still active
 */
export function earlierAssignment(
  id: number,
  isInternal: boolean,
  main: string,
  parts: { readonly health: Health },
): Assignment | undefined {
  const found = assignments.get(id);
  if (found?.isActive !== true) {
    return undefined;
  }
  if (isInternal && found.main === main) {
    return found;
  }
  abandon(found, parts.health);
  return undefined;
}

/** Ends this request's assignment. @returns it */
export function release(): Assignment | undefined {
  const found = assignments.get(requestId());
  if (found?.isActive !== true) {
    return undefined;
  }
  found.isActive = false;
  // The common case, a single address, has nothing to give back.
  if (found.pool.only === undefined && found.isCounted) {
    letGo(found.pool, found.peer, wasTried(found, nginxTries));
  }
  return found;
}

/**
 * Ends the assignments of this request's subrequests. Their last tries go unreported: only the subrequests themselves
 * could read the outcome.
 */
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
  for (const assignment of known) {
    if (assignment.isActive && assignment.main === main) {
      abandon(assignment, health);
    }
  }
}

/** Ends an assignment and reports no outcome. */
function abandon(assignment: Assignment, health: Health): void {
  assignment.isActive = false;
  if (assignment.isCounted) {
    letGo(assignment.pool, assignment.peer, true);
  }
  if (assignment.as === "trial") {
    health.trialUnused(assignment.peer.healthKey);
  }
}

/** @returns the main request's name; empty if this request is no subrequest. */
export function mainRequest(): string {
  return ngx.is_subrequest ? nameOfConnection() : "";
}

/** A request and its subrequests share a connection; nginx numbers connections, and the requests on each. */
function nameOfConnection(): string {
  return `${ngx.var.connection ?? ""} ${ngx.var.connection_requests ?? ""}`;
}

/** @returns nginx's address of this request: no other request has it at the same time */
function requestId(): number {
  return tonumber(cast("uintptr_t", get_request() ?? 0)) ?? 0;
}

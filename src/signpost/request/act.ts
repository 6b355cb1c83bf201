/** Acts on a decision: sets nginx's variables to what was decided, and to where the request goes. */
import type { Peer } from "../balance/peer";
import type { Pool } from "../balance/pool";
import type { Decision } from "./decision";
import { cookieName } from "./hash_key";
import { correctHost } from "./host_header";
import { giveCookie } from "./issued_cookie";
import { hasOwnUpstream } from "./snippet_versions";
import { withOldBlock } from "./upstream_block";

/** The functions that `act` calls. */
export interface ActParts {
  /** Called for each request that goes to a pool that Redis names. */
  readonly used: (this: void, poolName: string, pool: Pool) => void;
  /** Called for each request that the worker's memory cannot answer, so also for its first. */
  readonly checkSnippets: (this: void) => void;
}

/** Read at the first request: a worker never changes its configuration. */
let isOwnDeclared: boolean | undefined;

/**
 * Sets nginx's variables to what was decided, and to where `proxy_pass` goes. `proxy_pass` takes a target at the end
 * of the upstream for its URI, both in the snippets and in users' own locations.
 *
 * The http snippet gives the variables what most requests need (http, from memory, matched by its own name), because
 * each assignment costs as much as the look-up: only what differs is assigned. The shipped `proxy_pass` has a variable
 * that no other location sets: users set `$upstream` for purposes of their own, and a subrequest (`auth_request`)
 * shares its variables with the request.
 */
export function act(parts: ActParts, host: string, decision: Decision): void {
  const { route, level, poolName, pool } = decision;
  if (ngx.var.http_host !== host) {
    correctHost(host);
  }
  if (level !== "memory" || route !== host) {
    describeRoute(parts, host, decision);
  }
  if (poolName !== "" || pool?.isPlain !== true) {
    describePool(parts, decision);
  }
  if (decision.kind !== "send") {
    return;
  }
  if (decision.hop !== "") {
    // This sets the request's own header, because older location snippets send no other.
    ngx.req.set_header("CDN-Loop", decision.hop);
  }
  if (decision.isByAddress) {
    describePeer(decision.peer);
  }
  isOwnDeclared ??= hasOwnUpstream();
  if (isOwnDeclared) {
    ngx.var.signpost_upstream = decision.upstream;
    ngx.var.upstream = decision.upstream;
  } else {
    ngx.var.upstream = withOldBlock(decision.upstream);
  }
}

function describePeer(peer: Peer): void {
  if (peer.scheme === "https") {
    ngx.var.signpost_scheme = "https";
  }
}

function describeRoute(parts: ActParts, host: string, decision: Decision): void {
  const { route, level } = decision;
  if (level !== "memory") {
    parts.checkSnippets();
    ngx.var.signpost_cache = level;
  }
  if (route !== host && route !== "") {
    ngx.var.signpost_route = route;
  }
}

/** Names the pool, and sets what its options ask for: a Host, and the client's cookie. */
function describePool(parts: ActParts, decision: Decision): void {
  const { poolName, pool } = decision;
  if (poolName !== "") {
    ngx.var.signpost_pool = poolName;
  }
  if (pool === undefined) {
    return;
  }
  if (poolName !== "") {
    parts.used(poolName, pool);
  }
  const { host, hashOn } = pool.options;
  if (host !== undefined) {
    ngx.var.signpost_host = host;
  }
  if (!pool.isPlain && hashOn !== undefined && decision.cookie !== "") {
    giveCookie(cookieName(hashOn.variable), decision.cookie);
  }
}

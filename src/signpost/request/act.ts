/** Acts on a decision: tells nginx's variables what was decided, and where the request goes. */
import type { Pool } from "../balance/pool";
import type { Decision, Sending } from "./decision";
import { cookieName } from "./hash_key";
import { correctHost } from "./host_header";
import { giveCookie } from "./issued_cookie";
import { hasOwnUpstream } from "./snippet_versions";
import { withOldBlock } from "./upstream_block";

/** What is told of decisions. */
export interface DescribeParts {
  /** Called for each request that goes to a pool that Redis names. */
  readonly used: (this: void, poolName: string, pool: Pool) => void;
  /** Called for each request that the worker's memory cannot answer, so for its first. */
  readonly checkSnippets: (this: void) => void;
}

/**
 * Tells nginx's variables what was decided, whatever that is.
 *
 * The http snippet gives them what most requests need (http, from memory, matched by its own name), because each
 * assignment costs as much as the look-up: only what differs is assigned.
 */
export function describe(parts: DescribeParts, host: string, decision: Decision): void {
  const { route, level, poolName, pool } = decision;
  if (ngx.var.http_host !== host) {
    correctHost(host);
  }
  if (level !== "memory") {
    parts.checkSnippets();
    ngx.var.signpost_cache = level;
  }
  if (route !== host && route !== "") {
    ngx.var.signpost_route = route;
  }
  if (poolName !== "") {
    ngx.var.signpost_pool = poolName;
    if (pool !== undefined) {
      parts.used(poolName, pool);
    }
  }
  if (pool?.isPlain === false) {
    describePool(pool, decision.cookie);
  }
}

/** Sets what a pool's options ask for: a Host, and the client's cookie. */
function describePool(pool: Pool, cookie: string): void {
  const { host, hashOn } = pool.options;
  if (host !== undefined) {
    ngx.var.signpost_host = host;
  }
  if (cookie !== "" && hashOn !== undefined) {
    giveCookie(cookieName(hashOn.variable), cookie);
  }
}

/**
 * Says where `proxy_pass` goes. It takes a target at the end for its URI, in the snippets and in locations of the user's own.
 *
 * The shipped `proxy_pass` has a variable that no other location sets: `$upstream` is a name that users set for themselves,
 * and a subrequest (`auth_request`) shares its variables with the request.
 */
export function sendOn(decision: Sending): void {
  const { hop, upstream } = decision;
  if (hop !== "") {
    // The request's own header, because older location snippets send no other.
    ngx.req.set_header("CDN-Loop", hop);
  }
  if (decision.isByAddress && decision.peer.scheme === "https") {
    ngx.var.signpost_scheme = "https";
  }
  if (hasOwnUpstream()) {
    ngx.var.signpost_upstream = upstream;
    ngx.var.upstream = upstream;
  } else {
    ngx.var.upstream = withOldBlock(upstream);
  }
}

import type { Pool } from "../balance/pool";
import type { Health } from "../health/health";
import { answerFailure, answerHere, type Refusals } from "./answer";
import { assign, earlierAssignment, FIRST_RUN, mainRequest, type ProxyRun, release, requestId } from "./assignment";
import { sendHop } from "./cdn_loop_header";
import type { CloneParts } from "./clone";
import { decide, type DecideParts, type Decision, newDraft, type Sending } from "./decide";
import { conclude } from "./finish";
import { cookieName } from "./hash_key";
import { correctHost } from "./host_header";
import { giveCookie } from "./issued_cookie";
import { nginxRequest } from "./nginx_request";
import { hasOwnUpstream } from "./snippet_versions";
import { countRuns } from "./attempts";
import { withOldBlock } from "./upstream_block";

/** What the rewrite phase needs of the worker. */
export interface RewriteParts extends CloneParts, DecideParts {
  /** Called for each request that goes to a pool that Redis names. */
  readonly used: (this: void, poolName: string, pool: Pool) => void;
  /** Called for each request that the worker's memory cannot answer, so for its first. */
  readonly checkSnippets: (this: void) => void;
  readonly refusals: Refusals;
}

/** The table of the last decision. Absent while a request waits for Redis with it: the next one then makes another. */
let spare: ReturnType<typeof newDraft> | undefined;

/** Sends the request where its host's route says, or answers it here. */
export function rewriteRequest(parts: RewriteParts): void {
  const id = requestId();
  const proxyRun = beginRun(id, parts.health);
  const host = ngx.var.host ?? "";
  const draft = spare ?? newDraft();
  spare = undefined;
  const decision = decide(parts, nginxRequest, host, draft);
  // Nothing below yields: no other request writes to the table before this one has acted on it.
  spare = draft;
  describe(parts, host, decision);
  if (decision.kind === "send") {
    send(decision);
    assign(id, decision, proxyRun);
  } else if (decision.kind === "refuse") {
    answerFailure(decision.word, parts.refusals);
  } else {
    answerHere(decision.status, decision.location);
  }
}

/** Ends what was assigned to the request before an internal redirect. */
function beginRun(id: number, health: Health): ProxyRun {
  const isInternal = ngx.req.is_internal();
  const main = isInternal ? mainRequest() : "";
  const before = earlierAssignment(id, isInternal, main, health);
  if (before !== undefined) {
    // Before the report: a turn that was given back may be taken again at once.
    release();
    conclude(before, health);
  }
  if (before !== undefined || main !== "") {
    resetVariables();
  }
  return isInternal ? { run: countRuns(ngx.var.upstream_status), main } : FIRST_RUN;
}

/**
 * After an internal redirect the variables are as the request has left them; and a subrequest shares them with its main
 * request.
 */
function resetVariables(): void {
  ngx.var.signpost_scheme = "http";
  ngx.var.signpost_host = ngx.var.http_host ?? "";
  ngx.var.signpost_route = ngx.var.host ?? "";
  ngx.var.signpost_pool = "";
  ngx.var.signpost_cache = "memory";
}

/**
 * Tells nginx's variables what was decided, whatever that is.
 *
 * The http snippet gives them what most requests need (http, from memory, matched by its own name), because each
 * assignment costs as much as the look-up: only what differs is assigned.
 */
function describe(parts: RewriteParts, host: string, decision: Decision): void {
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

function send(decision: Sending): void {
  sendHop(decision.hop);
  if (decision.isByAddress && decision.peer.scheme === "https") {
    ngx.var.signpost_scheme = "https";
  }
  goTo(decision.upstream);
}

/**
 * Says where `proxy_pass` goes. It takes a target at the end for its URI, in the snippets and in locations of the user's own.
 *
 * The shipped `proxy_pass` has a variable that no other location sets: `$upstream` is a name that users set for themselves,
 * and a subrequest (`auth_request`) shares its variables with the request.
 */
function goTo(upstream: string): void {
  if (hasOwnUpstream()) {
    ngx.var.signpost_upstream = upstream;
    ngx.var.upstream = upstream;
  } else {
    ngx.var.upstream = withOldBlock(upstream);
  }
}

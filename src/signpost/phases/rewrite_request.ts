import { LookUp, LookUpFailure } from "../cache/lookup";
import { FailureWord } from "../result";
import { isHost } from "../routing/names";
import { isAmbiguous, isSuspicious } from "../routing/path_readings";
import { PathTable } from "../routing/paths";
import { PathlessPlan, Plan, planFor } from "../routing/plan";
import { Choice, chooseCarefully, chooseUp } from "../upstream/choose";
import { Health } from "../upstream/health";
import { OptionValues } from "../upstream/option_values";
import { Pool } from "../upstream/pool";
import { answerHere, refuse, Refusals } from "./answer_here";
import { addHop } from "./cdn_loop_header";
import { hashKey } from "./hash_key";
import { correctHost } from "./host_header";
import { conclude } from "./log_request";
import { hasOwnUpstream, isUnverified } from "./snippet_versions";
import { NONE, release, use, Use } from "./use";

/** What the rewrite phase needs of the worker. */
export interface RewriteParts {
  readonly lookUp: LookUp<Plan>;
  readonly lookUpPool: LookUp<Plan>;
  readonly health: Health;
  /** Called for each request that goes to a pool that Redis names. */
  readonly used: (this: void, poolName: string, pool: Pool) => void;
  /** The upstream block whose balancer is Signpost's; empty: there is none, and every peer goes by address. */
  readonly block: string;
  /** What this node calls itself in `CDN-Loop`. */
  readonly nodeId: string;
  /** Called for each request that the worker's memory cannot answer, so for its first. */
  readonly checkSnippets: (this: void) => void;
  readonly refusals: Refusals;
}

/**
 * Sends the request where its host's route says, or answers it here.
 *
 * The http snippet gives the variables what the common case wants (http, from memory, matched by its own name), because
 * each assignment costs as much as the look-up: only what differs is assigned, and where the request goes.
 */
export function rewriteRequest(parts: RewriteParts): void {
  const before = release();
  const redirects = before === undefined ? 0 : beginAgain(before, parts.health);
  const host = ngx.var.host ?? "";
  if (ngx.var.http_host !== host) {
    correctHost(host);
  }
  const [answer, err, level] = parts.lookUp(host);
  if (level !== "memory") {
    parts.checkSnippets();
    ngx.var.signpost_cache = level;
  }
  if (err !== undefined) {
    refuse(wordOf(err, isHost(host) ? "no_route" : "bad_host"), parts.refusals);
    return;
  }
  if (answer.name !== host) {
    ngx.var.signpost_route = answer.name;
  }
  const plan = answer.compiled.value;
  follow(parts, plan.kind === "paths" ? planOfPath(plan.paths) : plan, answer.clock, redirects);
}

/** That the backend may read the path as one that another entry of the route is for. */
const BAD_PATH: PathlessPlan = { kind: "fail", word: "bad_path" };

/** What a route says for the request's path, as long as there are no two ways to read that. */
function planOfPath(paths: PathTable<PathlessPlan>): PathlessPlan {
  const uri = ngx.var.uri ?? "/";
  const target = ngx.var.request_uri ?? "/";
  const isSuspect = isSuspicious(target, true) || (target !== uri && isSuspicious(uri, false));
  if (isSuspect && isAmbiguous(paths, uri, target, ngx.req.is_internal())) {
    return BAD_PATH;
  }
  return planFor(paths, uri);
}

/**
 * An internal redirect has brought the request here again, with all the variables as they were left.
 * @param before what it used until then
 * @returns how many uses it has had
 */
function beginAgain(before: Use, health: Health): number {
  ngx.var.signpost_scheme = "http";
  ngx.var.signpost_host = ngx.var.http_host ?? "";
  ngx.var.signpost_forwarded_host = ngx.var.http_host ?? "";
  ngx.var.signpost_route = ngx.var.host ?? "";
  ngx.var.signpost_pool = "";
  ngx.var.signpost_cache = "memory";
  conclude(before, health);
  return before.redirects + 1;
}

/**
 * @param clock the change clock that the plan is valid for
 * @param redirects how often the request was sent to a backend before
 */
function follow(parts: RewriteParts, plan: PathlessPlan, clock: number, redirects: number): void {
  if (plan.kind === "proxy") {
    send(parts, plan, clock, redirects);
  } else if (plan.kind === "pool") {
    followPool(parts, plan.name, redirects);
  } else if (plan.kind === "fail") {
    refuse(plan.word, parts.refusals);
  } else {
    answerHere(plan);
  }
}

function followPool(parts: RewriteParts, name: string, redirects: number): void {
  ngx.var.signpost_pool = name;
  const [answer, err] = parts.lookUpPool(name);
  if (err !== undefined) {
    refuse(wordOf(err, "no_pool"), parts.refusals);
    return;
  }
  const plan = answer.compiled.value;
  if (plan.kind === "proxy") {
    parts.used(name, plan);
    send(parts, plan, answer.clock, redirects);
  } else {
    refuse("bad_route", parts.refusals);
  }
}

function wordOf(err: LookUpFailure, notFound: FailureWord): FailureWord {
  return err === "not_found" ? notFound : err;
}

function send(parts: RewriteParts, pool: Pool, clock: number, redirects: number): void {
  if (!addHop(parts.nodeId)) {
    refuse("loop", parts.refusals);
    return;
  }
  const key = pool.isPlain ? 0 : prepare(pool.options);
  const choice = choose(parts.health, pool, key, clock);
  if (choice === undefined) {
    refuse("no_peer_up", parts.refusals);
    return;
  }
  const { peer } = choice;
  if (pool.isPoolable && parts.block !== "") {
    goTo(parts.block);
  } else {
    if (peer.scheme === "https") {
      if (isUnverified()) {
        refuse("bad_route", parts.refusals);
        return;
      }
      ngx.var.signpost_scheme = "https";
    }
    goTo(peer.hostPort);
  }
  use(pool, key, choice, redirects);
}

/** Learnt at the first request: a worker has one configuration for all its life. */
let isOwnDeclared: boolean | undefined;

/**
 * Says where `proxy_pass` goes. The shipped one has a variable that no other location sets: `$upstream` is a name that
 * users set for themselves, and a subrequest (`auth_request`) shares its variables with the request.
 */
function goTo(upstream: string): void {
  isOwnDeclared ??= hasOwnUpstream();
  if (isOwnDeclared) {
    ngx.var.signpost_upstream = upstream;
  }
  ngx.var.upstream = upstream;
}
/** @returns what the request is hashed to. */
function prepare({ hashOn, host }: OptionValues): number {
  if (host !== undefined) {
    ngx.var.signpost_host = host;
  }
  return hashOn === undefined ? 0 : hashKey(hashOn);
}

/** While all are up, which is nearly always, none of them is asked after. */
function choose(health: Health, pool: Pool, key: number, clock: number): Choice | undefined {
  if (!pool.areAllUp(clock)) {
    return chooseCarefully(pool, health, key, NONE);
  }
  const peer = chooseUp(pool, key);
  return peer === undefined ? undefined : { peer, as: "up" };
}

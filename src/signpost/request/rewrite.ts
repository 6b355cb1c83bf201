import { LookUp, LookUpFailure } from "../cache/lookup";
import { FailureWord } from "../result";
import { isHost } from "../routing/names";
import { isAmbiguous, isSuspicious } from "../routing/path_readings";
import { PathTable } from "../format/path_prefix";
import { PathlessPlan, Plan, planFor, PlanOfPool, PlanWithRules } from "../routing/plan";
import { replacePrefix } from "../routing/replace_prefix";
import { Choice, chooseCarefully, chooseUp } from "../balance/choose";
import { Health } from "../health/health";
import { OptionValues } from "../format/option_values";
import { Pool } from "../balance/pool";
import { answerHere, leadsToItself, redirectToHttps, refuse, Refusals } from "./answer";
import { addHop } from "./cdn_loop_header";
import { hashKey } from "./hash_key";
import { correctHost } from "./host_header";
import { isHttps } from "./client_scheme";
import { CloneParts } from "./clone";
import { conclude } from "./finish";
import { hasOwnUpstream, isUnverified } from "./snippet_versions";
import { runsUntilNow } from "./tries";
import { blockFor, declaredBlock } from "./upstream_block";
import { AT_FIRST, earlierUse, mainRequest, NONE, Origin, release, use } from "./assignment";

/** What the rewrite phase needs of the worker. */
export interface RewriteParts extends CloneParts {
  readonly lookUp: LookUp<Plan>;
  readonly lookUpPool: LookUp<PlanOfPool>;
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
  const origin = beginUse(parts.health);
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
  follow(parts, plan.kind === "paths" ? planOfPath(plan.paths) : plan, answer.clock, origin);
}

/** That the backend may read the path as one that another entry of the route is for. */
const BAD_PATH: PathlessPlan = { kind: "fail", word: "bad_path" };

/** What a route says for the request's path, as long as there are no two ways to read that. */
export function planOfPath(paths: PathTable<PathlessPlan>): PathlessPlan {
  const uri = ngx.var.uri ?? "/";
  const target = ngx.var.request_uri ?? "/";
  const isSuspect = isSuspicious(target, true) || (target !== uri && isSuspicious(uri, false));
  if (isSuspect && isAmbiguous(paths, uri, target, ngx.req.is_internal())) {
    return BAD_PATH;
  }
  return planFor(paths, uri);
}

/**
 * What the request used before is over. Both questions are cheap, and nothing else is asked of a request that comes here
 * first.
 */
function beginUse(health: Health): Origin {
  const isInternal = ngx.req.is_internal();
  const main = isInternal ? mainRequest() : "";
  const before = earlierUse(isInternal, main, health);
  if (before !== undefined) {
    // Given back first: what was never sent may be had again.
    release();
    conclude(before, health);
  }
  if (before !== undefined || main !== "") {
    resetVariables();
  }
  return isInternal ? { run: runsUntilNow(), main } : AT_FIRST;
}

/**
 * An internal redirect has brought the request here again, with all the variables as they were left; and a subrequest shares
 * them with its main request.
 */
function resetVariables(): void {
  ngx.var.signpost_scheme = "http";
  ngx.var.signpost_host = ngx.var.http_host ?? "";
  ngx.var.signpost_route = ngx.var.host ?? "";
  ngx.var.signpost_pool = "";
  ngx.var.signpost_cache = "memory";
}

/**
 * @param clock the change clock that the plan is valid for
 */
function follow(parts: RewriteParts, plan: PathlessPlan, clock: number, origin: Origin): void {
  if (plan.kind === "proxy") {
    send(parts, plan, clock, origin);
  } else if (plan.kind === "pool") {
    followPool(parts, plan.name, origin);
  } else if (plan.kind === "fail") {
    refuse(plan.word, parts.refusals);
  } else if (plan.kind === "with_rules") {
    followWithRules(parts, plan, clock, origin);
  } else if (leadsToItself(plan)) {
    refuse("loop", parts.refusals);
  } else {
    answerHere(plan);
  }
}

function followWithRules(parts: RewriteParts, plan: PlanWithRules, clock: number, origin: Origin): void {
  const { path, to } = plan;
  if (plan.isHttpsOnly && !isHttps()) {
    redirectToHttps();
    return;
  }
  if (path === undefined) {
    follow(parts, to, clock, origin);
    return;
  }
  const target = replacePrefix(path, ngx.var.uri ?? "/", ngx.var.request_uri ?? "/", ngx.var.args ?? "");
  if (target === undefined) {
    refuse("bad_path", parts.refusals);
    return;
  }
  follow(parts, to, clock, origin);
  // proxy_pass takes it for its URI: so it does in snippets, and in locations of the user's own, that know nothing of it.
  goTo(goesTo() + target);
}

function followPool(parts: RewriteParts, name: string, origin: Origin): void {
  ngx.var.signpost_pool = name;
  const [answer, err] = parts.lookUpPool(name);
  if (err !== undefined) {
    refuse(wordOf(err, "no_pool"), parts.refusals);
    return;
  }
  const plan = answer.compiled.value;
  if (plan.kind === "proxy") {
    parts.used(name, plan);
    send(parts, plan, answer.clock, origin);
  } else {
    refuse("bad_route", parts.refusals);
  }
}

function wordOf(err: LookUpFailure, notFound: FailureWord): FailureWord {
  return err === "not_found" ? notFound : err;
}

function send(parts: RewriteParts, pool: Pool, clock: number, origin: Origin): void {
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
  const block = pool.isPlain ? parts.block : blockFor(pool.options.reuse, parts.block);
  const isByAddress = !pool.isPoolable || block === "";
  if (!isByAddress) {
    goTo(block);
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
  use(pool, key, choice, isByAddress, origin);
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
    ngx.var.upstream = upstream;
  } else {
    ngx.var.upstream = declaredBlock(upstream);
  }
}

/** @returns where `proxy_pass` goes. */
function goesTo(): string {
  return (isOwnDeclared === true ? ngx.var.signpost_upstream : ngx.var.upstream) ?? "";
}

/** @returns what the request is hashed to. */
function prepare({ hashOn, hashCookie, host }: OptionValues): number {
  if (host !== undefined) {
    ngx.var.signpost_host = host;
  }
  return hashOn === undefined ? 0 : hashKey(hashOn, hashCookie === "issue");
}

/** While all are up, which is nearly always, none of them is asked after. */
function choose(health: Health, pool: Pool, key: number, clock: number): Choice | undefined {
  if (!pool.areAllUp(clock)) {
    return chooseCarefully(pool, health, key, NONE);
  }
  const peer = chooseUp(pool, key);
  return peer === undefined ? undefined : { peer, as: "up" };
}

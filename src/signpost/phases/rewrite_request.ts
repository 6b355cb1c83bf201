import { LookUp, LookUpFailure } from "../cache/lookup";
import { FailureWord, FAILURES } from "../result";
import { PathlessPlan, Plan, planFor } from "../routing/plan";
import { Choice, chooseCarefully, chooseUp } from "../upstream/choose";
import { Health } from "../upstream/health";
import { OptionValues } from "../upstream/option_values";
import { Pool } from "../upstream/pool";
import { hashKey } from "./hash_key";
import { use } from "./use";

/** What the rewrite phase needs of the worker. */
export interface RewriteParts {
  readonly lookUp: LookUp<Plan>;
  readonly lookUpPool: LookUp<Plan>;
  readonly health: Health;
  /** Called for each request that goes to a pool that Redis names. */
  readonly used: (this: void, poolName: string, pool: Pool) => void;
  /** The upstream block whose balancer is Signpost's; empty: there is none, and every peer goes by address. */
  readonly block: string;
  /** What `Retry-After` says, seconds. */
  readonly retryAfter: number;
}

/** What signpost.location.conf presets `$upstream` to. */
const PRESET_BLOCK = "signpost";

const NONE_TRIED = new LuaSet<string>();

/**
 * Sends the request where its host's route says, or answers it here.
 *
 * The location snippet presets the variables to what the common case wants (http, the block, from memory, matched by its
 * own name), because each assignment costs as much as the look-up: only what differs is assigned.
 */
export function rewriteRequest(parts: RewriteParts): void {
  const host = ngx.var.host ?? "";
  if (ngx.var.http_host !== host) {
    correctHost(host);
  }
  const [answer, err, level] = parts.lookUp(host);
  if (level !== "memory") {
    ngx.var.signpost_cache = level;
  }
  if (err !== undefined) {
    refuse(wordOf(err, "no_route"), parts.retryAfter);
    return;
  }
  if (answer.name !== host) {
    ngx.var.signpost_route = answer.name;
  }
  const plan = answer.value;
  follow(parts, plan.kind === "paths" ? planFor(plan.paths, ngx.var.uri ?? "/") : plan, answer.clock);
}

/**
 * Makes the Host header that is sent on say what the request is routed by. Usually it does, but for its case, its port or a final dot;
 * not if the request target is in absolute form, which outranks the header (RFC 9112, 3.2.2), nor if there is no header.
 * A backend that believed another name than this nginx could be made to answer for it.
 */
function correctHost(host: string): void {
  const [withoutPort] = string.gsub(string.lower(ngx.var.http_host ?? ""), ":%d*$", "");
  const [named] = string.gsub(withoutPort, "%.$", "");
  if (named !== host || named === "") {
    ngx.var.signpost_host = authorityOfTarget() ?? (host === "" ? (ngx.var.server_addr ?? "") : host);
  }
}

/** @returns what a request target in absolute form names as host and port. */
function authorityOfTarget(): string | undefined {
  const [authority] = string.match(ngx.var.request ?? "", "^[^ ]+ +[^:/ ]+://([^/?# ]+)");
  return authority;
}

/** Answers 500: nginx's configuration calls the rewrite phase, but not both `init` and `init_worker`. */
export function refuseUnready(): void {
  ngx.log(ngx.ERR, "signpost: init and init_worker have not been called in init_by_lua and init_worker_by_lua");
  ngx.exit(500);
}

/** @param clock the change clock that the plan is valid for */
function follow(parts: RewriteParts, plan: PathlessPlan, clock: number): void {
  if (plan.kind === "proxy") {
    send(parts, plan.pool, clock);
  } else if (plan.kind === "pool") {
    followPool(parts, plan.name);
  } else if (plan.kind === "fail") {
    refuse(plan.word, parts.retryAfter);
  } else {
    answerHere(plan);
  }
}

function followPool(parts: RewriteParts, name: string): void {
  ngx.var.signpost_pool = name;
  const [answer, err] = parts.lookUpPool(name);
  if (err !== undefined) {
    refuse(wordOf(err, "no_pool"), parts.retryAfter);
    return;
  }
  const plan = answer.value;
  if (plan.kind === "proxy") {
    parts.used(name, plan.pool);
    send(parts, plan.pool, answer.clock);
  } else {
    refuse("bad_route", parts.retryAfter);
  }
}

function wordOf(err: LookUpFailure, notFound: FailureWord): FailureWord {
  return err === "not_found" ? notFound : err;
}

function send(parts: RewriteParts, pool: Pool, clock: number): void {
  const key = pool.isPlain ? 0 : prepare(pool.options);
  const choice = choose(parts.health, pool, key, clock);
  if (choice === undefined) {
    refuse("no_peer_up", parts.retryAfter);
    return;
  }
  const { peer } = choice;
  if (pool.isPoolable && parts.block !== "") {
    if (parts.block !== PRESET_BLOCK) {
      ngx.var.upstream = parts.block;
    }
  } else {
    ngx.var.upstream = peer.hostPort;
    if (peer.scheme !== "http") {
      ngx.var.signpost_scheme = peer.scheme;
    }
  }
  use(pool, key, choice);
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
    return chooseCarefully(pool, health, key, NONE_TRIED);
  }
  const peer = chooseUp(pool, key);
  return peer === undefined ? undefined : { peer, as: "up" };
}

/** `return` targets are nginx's own words: it writes the page, and an `error_page` of the user's applies. */
function answerHere(plan: PathlessPlan & { kind: "return" }): void {
  if (plan.url === undefined) {
    ngx.exit(plan.status);
  } else {
    ngx.redirect(plan.appendRequestUri ? plan.url + (ngx.var.request_uri ?? "/") : plan.url, plan.status);
  }
}

function refuse(word: FailureWord, retryAfter: number): void {
  const { status, body, retry } = FAILURES[word];
  ngx.var.signpost_error = word;
  if (word === "no_route") {
    ngx.var.signpost_route = "";
  }
  if (retry) {
    ngx.header["Retry-After"] = retryAfter;
  }
  // nginx discards an unread body only when it writes the response itself; left on a kept connection, the body would be
  // taken for the next request.
  ngx.req.discard_body();
  ngx.status = status;
  ngx.header["Content-Type"] = "text/plain";
  ngx.header["Content-Length"] = body.length;
  ngx.print(body); // dropped: it fails only when the client is gone
  ngx.exit(ngx.OK);
}

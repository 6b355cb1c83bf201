import { Found } from "../cache/lookup";
import { FailureWord, FAILURES } from "../result";
import { nextHop, Plan } from "../routing/plan";

/** What the rewrite phase needs of the worker. */
export interface RewriteParts {
  readonly lookUp: (this: void, host: string) => Found;
  /** What `Retry-After` says, seconds. */
  readonly retryAfter: number;
}

/**
 * Sends the request where its host's route says, or answers it here.
 *
 * The location snippet presets the variables to what the common case wants (http, from memory, matched by its own name),
 * because each assignment costs as much as the look-up: only what differs is assigned.
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
    refuse(err, parts.retryAfter);
    return;
  }
  if (answer.name !== host) {
    ngx.var.signpost_route = answer.name;
  }
  follow(answer.plan, parts.retryAfter);
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

function follow(plan: Plan, retryAfter: number): void {
  if (plan.kind === "proxy") {
    const hop = nextHop(plan);
    ngx.var.upstream = hop.upstream;
    if (hop.scheme !== "http") {
      ngx.var.signpost_scheme = hop.scheme;
    }
  } else if (plan.kind === "fail") {
    refuse(plan.word, retryAfter);
  } else {
    answerHere(plan);
  }
}

/** `return` targets are nginx's own words: it writes the page, and an `error_page` of the user's applies. */
function answerHere(plan: Plan & { kind: "return" }): void {
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

import { log } from "../platform/log";
import { FailureWord, FAILURES } from "../result";
import { ReturnTarget } from "../format/return_target";
import { clientScheme } from "./client_scheme";

/** `return` targets are nginx's own words: it writes the page, and an `error_page` of the user's applies. */
export function answerHere(target: ReturnTarget): void {
  const location = locationOf(target);
  if (location === undefined) {
    ngx.exit(target.status);
  } else {
    ngx.redirect(location, target.status);
  }
}

/**
 * Whether a redirect leads to the very URL that was asked for, as `return 301 https://same.example$request_uri` does once
 * the client speaks https. Clients would follow it until they give up.
 */
export function leadsToItself(target: ReturnTarget): boolean {
  const location = locationOf(target);
  if (location === undefined) return false;
  const [scheme, authority = "", rest = ""] = string.match(location, "^(https?)://([^/?#]*)(.*)$");
  const here = ngx.var.request_uri ?? "/";
  if (scheme === undefined) return location === here;
  const path = string.sub(rest, 1, 1) === "/" ? rest : `/${rest}`;
  const asked = ngx.var.http_host ?? ngx.var.host ?? "";
  return scheme === clientScheme() && path === here && withoutPort(authority, scheme) === withoutPort(asked, scheme);
}

/** @returns host and port in lower case, without the port that the scheme means by itself */
function withoutPort(authority: string, scheme: string): string {
  const lower = string.lower(authority);
  const [host] = string.match(lower, `^(.*):${PORTS[scheme]}$`);
  return host ?? lower;
}

const PORTS: Readonly<Record<string, string>> = { http: "80", https: "443" };

/** Moves the request to https, on the usual port. Like others do: a GET by 301, any other by 308, which keeps the method. */
export function redirectToHttps(): void {
  const method = ngx.var.request_method;
  const status = method === "GET" || method === "HEAD" ? 301 : 308;
  ngx.redirect(`https://${ngx.var.host ?? ""}${ngx.var.request_uri ?? "/"}`, status);
}

/** @returns where a redirect leads; nothing if the target is none. */
function locationOf(target: ReturnTarget): string | undefined {
  const { url, afterHost } = target;
  if (url === undefined) return undefined;
  const base = afterHost === undefined ? url : `${url}${ngx.var.host ?? ""}${afterHost}`;
  return target.appendRequestUri ? base + (ngx.var.request_uri ?? "/") : base;
}

/** How requests are refused that no backend gets. */
export interface Refusals {
  /** Who writes the answer: see the setting `refusals`. */
  readonly writer: "text" | "nginx";
  /** What `Retry-After` says, seconds. */
  readonly retryAfter: number;
}

/**
 * Answers with a failure word's status: nginx with a page of its own, in whose place `error_page` may put another; or
 * Signpost with a line of plain text. A request whose body is malformed is answered with 400.
 *
 * An error page may be in a location that is Signpost's too, and be refused there. The second refusal is answered with text:
 * with `recursive_error_pages on` it would lead to the same page again, until nginx breaks that off with 500.
 */
export function refuse(word: FailureWord, { writer, retryAfter }: Refusals): void {
  const isByNginx = writer === "nginx" && (ngx.var.signpost_error ?? "") === "";
  ngx.var.signpost_error = word;
  if (word === "no_route" || word === "bad_host") {
    ngx.var.signpost_route = "";
  }
  if (!isByNginx && !discardBody()) {
    // The body is malformed, and the log says so: nginx answers by itself and closes the connection.
    ngx.exit(400);
    return;
  }
  const { status, body, retry } = FAILURES[word];
  if (retry) {
    ngx.header["Retry-After"] = retryAfter;
  }
  if (isByNginx) {
    ngx.exit(status);
    return;
  }
  ngx.status = status;
  ngx.header["Content-Type"] = "text/plain";
  ngx.header["Content-Length"] = body.length;
  ngx.print(body); // dropped: it fails only when the client is gone
  ngx.exit(ngx.OK);
}

/**
 * nginx discards an unread body only when it writes the response itself; left on a kept connection, the body would be taken
 * for the next request.
 *
 * @returns false if the body is malformed
 */
function discardBody(): boolean {
  const [isDiscarded] = pcall(ngx.req.discard_body);
  return isDiscarded;
}

/** Answers 500: nginx's configuration calls the rewrite phase, but not both `init` and `init_worker`. */
export function refuseUnready(): void {
  log.error("init and init_worker have not been called in init_by_lua and init_worker_by_lua");
  ngx.exit(500);
}

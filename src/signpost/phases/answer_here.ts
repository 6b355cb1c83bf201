import { FailureWord, FAILURES } from "../result";
import { PathlessPlan } from "../routing/plan";

/** `return` targets are nginx's own words: it writes the page, and an `error_page` of the user's applies. */
export function answerHere(plan: PathlessPlan & { kind: "return" }): void {
  if (plan.url === undefined) {
    ngx.exit(plan.status);
  } else {
    ngx.redirect(plan.appendRequestUri ? plan.url + (ngx.var.request_uri ?? "/") : plan.url, plan.status);
  }
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
  if (!isByNginx && !discardBody()) {
    // The body is malformed, and the log says so: nginx answers by itself and closes the connection.
    ngx.exit(400);
    return;
  }
  const { status, body, retry } = FAILURES[word];
  ngx.var.signpost_error = word;
  if (word === "no_route" || word === "bad_host") {
    ngx.var.signpost_route = "";
  }
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
  ngx.log(ngx.ERR, "signpost: init and init_worker have not been called in init_by_lua and init_worker_by_lua");
  ngx.exit(500);
}

import { log } from "../platform/log";
import { type FailureWord, FAILURES } from "../result";

/** Answers as a `return` directive does: nginx writes the page, and the user's `error_page` applies. */
export function answerHere(status: number, location: string | undefined): void {
  if (location === undefined) {
    ngx.exit(status);
  } else {
    ngx.redirect(location, status);
  }
}

/** How requests that no backend gets are refused. */
export interface Refusals {
  /** Who writes the answer: see the setting `refusals`. */
  readonly writer: "text" | "nginx";
  /** What `Retry-After` says, seconds. */
  readonly retryAfter: number;
}

/**
 * Answers with a failure word's status. Either nginx writes the page, and `error_page` may replace it; or Signpost
 * writes a line of plain text. A request whose body is malformed gets 400.
 *
 * The location of an error page may be Signpost's too, and refuse the request again. That second refusal is always
 * text: with `recursive_error_pages on` it would lead to the same page again, until nginx gives up with 500.
 */
export function answerFailure(word: FailureWord, refusals: Refusals): void {
  const { writer, retryAfter } = refusals;
  const isByNginx = writer === "nginx" && (ngx.var.signpost_error ?? "") === "";
  ngx.var.signpost_error = word;
  if (word === "no_route" || word === "bad_host") {
    ngx.var.signpost_route = "";
  }
  if (!isByNginx && !discardBody()) {
    // nginx has logged that the body is malformed. It writes this answer itself and closes the connection.
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
 * nginx discards an unread body only when it writes the response itself. An unread body on a kept connection would be
 * taken for the next request.
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

import { log } from "../platform/log";
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

/** Answers with a failure word's status, and a line of plain text; a request whose body is malformed, with 400. */
export function refuse(word: FailureWord, retryAfter: number): void {
  const { status, body, retry } = FAILURES[word];
  // nginx discards an unread body only when it writes the response itself; left on a kept connection, the body would be
  // taken for the next request.
  const [isDiscarded] = pcall(ngx.req.discard_body);
  if (!isDiscarded) {
    // The body is malformed, and the log says so: nginx answers by itself and closes the connection.
    ngx.exit(400);
    return;
  }
  ngx.var.signpost_error = word;
  if (word === "no_route" || word === "bad_host") {
    ngx.var.signpost_route = "";
  }
  if (retry) {
    ngx.header["Retry-After"] = retryAfter;
  }
  ngx.status = status;
  ngx.header["Content-Type"] = "text/plain";
  ngx.header["Content-Length"] = body.length;
  ngx.print(body); // dropped: it fails only when the client is gone
  ngx.exit(ngx.OK);
}

/** Answers 500: nginx's configuration calls the rewrite phase, but not both `init` and `init_worker`. */
export function refuseUnready(): void {
  log.error("init and init_worker have not been called in init_by_lua and init_worker_by_lua");
  ngx.exit(500);
}

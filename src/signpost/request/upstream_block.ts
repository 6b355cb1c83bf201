import { OptionValues } from "../format/option_values";
import { hasOwnUpstream } from "./snippet_versions";

/** The block of signpost.http.conf that keeps no connections. Its name is fixed, whatever `upstream_block` says. */
const FRESH = "signpost_fresh";

/**
 * Which upstream block a request goes to.
 *
 * Invariant: with `reuse never` no two requests share a connection, and with `reuse safe` no request goes over a kept one
 * that nginx would not send again.
 *
 * @param kept the block that keeps connections; empty if there is none
 * @returns empty if there is no such block: the request goes by address, over a connection of its own
 */
export function blockFor(reuse: OptionValues["reuse"], kept: string): string {
  const mayReuse = reuse === "always" || (reuse === "safe" && isRepeatable());
  if (mayReuse || kept === "") {
    return kept;
  }
  return hasOwnUpstream() ? FRESH : "";
}

/**
 * A request is counted as one that nginx sends again if its method is safe (RFC 9110, 9.2.1) and it has no body: whatever
 * the method, none is sent again whose body was passed on as it came.
 */
function isRepeatable(): boolean {
  const method = ngx.var.request_method;
  const isSafe = method === "GET" || method === "HEAD" || method === "OPTIONS" || method === "TRACE";
  return isSafe && !hasBody();
}

function hasBody(): boolean {
  return ngx.var.http_transfer_encoding !== undefined || (ngx.var.content_length ?? "0") !== "0";
}

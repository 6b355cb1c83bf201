import { OptionValues } from "../format/option_values";
import { hasOwnUpstream } from "./snippet_versions";

/** The block of signpost.http.conf in which nginx keeps connections: what `upstream_block` is unless it was given. */
export const KEEPING = "signpost";

/** The block of signpost.http.conf in which nginx keeps none. Its name is fixed, whatever `upstream_block` says. */
export const FRESH = "signpost_fresh";

/** The http snippet of 0.1.0 declares the one block only. */
export function declaredBlock(upstream: string): string {
  return upstream === FRESH ? KEEPING : upstream;
}

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
  if (mayReuse(reuse) || kept === "") {
    return kept;
  }
  return hasOwnUpstream() ? FRESH : "";
}

/** Whether this request may go over a connection that was kept. */
export function mayReuse(reuse: OptionValues["reuse"]): boolean {
  return reuse === "always" || (reuse === "safe" && isRepeatable());
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

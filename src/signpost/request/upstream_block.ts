import type { OptionValues } from "../format/option_values";
import type { RequestReader } from "./request_reader";

/** The block of signpost.http.conf that keeps no connections. Its name is fixed, whatever `upstream_block` says. */
const FRESH = "signpost_fresh";

/**
 * Chooses the upstream block that a request goes to.
 *
 * Invariant: with `reuse never` no two requests share a connection, and with `reuse safe` no request goes over a kept one
 * that nginx would not send again.
 *
 * @param kept the block that keeps connections; empty if there is none
 * @returns empty if there is no such block: the request goes by address, over a connection of its own
 */
export function blockFor(reuse: OptionValues["reuse"], kept: string, request: RequestReader): string {
  const mayReuse = reuse === "always" || (reuse === "safe" && isRepeatable(request));
  if (mayReuse || kept === "") {
    return kept;
  }
  return request.hasFreshBlock() ? FRESH : "";
}

/**
 * Whether nginx would send the request again: its method is safe (RFC 9110, 9.2.1) and it has no body. nginx never repeats
 * a request whose body it has passed on as it came, whatever the method.
 */
function isRepeatable(request: RequestReader): boolean {
  const method = request.method();
  const isSafe = method === "GET" || method === "HEAD" || method === "OPTIONS" || method === "TRACE";
  return isSafe && !request.hasBody();
}

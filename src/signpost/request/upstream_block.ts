import type { OptionValues } from "../format/option_values";
import type { RequestReader } from "./request_reader";

/** The block of signpost.http.conf in which nginx keeps connections: the default of the setting `upstream_block`. */
export const KEEPING = "signpost";

/** The block of signpost.http.conf in which nginx keeps none. Its name is fixed, whatever `upstream_block` says. */
export const FRESH = "signpost_fresh";

/**
 * Chooses the upstream block that a request goes to, by the pool's option `reuse`.
 *
 * Invariant: with `reuse never` no two requests share a connection, and with `reuse safe` no request goes over a kept
 * one that nginx would not send again.
 *
 * @param kept the block whose connections are kept, by nginx or by ngx_lua; empty if there is none
 * @returns empty if there is no such block: the request goes by address, over a connection of its own
 */
export function blockFor(reuse: OptionValues["reuse"], kept: string, request: RequestReader): string {
  if (kept === "" || mayReuse(reuse, request)) {
    return kept;
  }
  return request.hasFreshBlock() ? FRESH : "";
}

/**
 * Replaces the block that only newer http snippets have: the http snippet of 0.1.0 has one block.
 *
 * @param upstream what `proxy_pass` is given, with a target or without
 */
export function withOldBlock(upstream: string): string {
  const rest = string.sub(upstream, FRESH.length + 1);
  const isFresh = string.sub(upstream, 1, FRESH.length) === FRESH && (rest === "" || string.sub(rest, 1, 1) === "/");
  return isFresh ? KEEPING + rest : upstream;
}

/** Whether a request may go over a connection that was kept. */
export function mayReuse(reuse: OptionValues["reuse"], request: RequestReader): boolean {
  return reuse === "always" || (reuse === "safe" && isRepeatable(request));
}

/**
 * Whether nginx would send the request again: its method is safe (RFC 9110, 9.2.1) and it has no body. nginx never
 * repeats a request whose body it has passed on as it came, whatever the method.
 */
function isRepeatable(request: RequestReader): boolean {
  const method = request.method();
  const isSafe = method === "GET" || method === "HEAD" || method === "OPTIONS" || method === "TRACE";
  return isSafe && !request.hasBody();
}

/** Where a request is redirected to. */
import { DEFAULT_PORT, type Scheme } from "../format/address";
import type { ReturnTarget } from "../format/return_target";
import type { RequestReader } from "./request_reader";

/** @returns the URL that a `return` target redirects to; nothing if it has none */
export function locationOf(to: ReturnTarget, request: RequestReader): string | undefined {
  const { url, afterHost } = to;
  if (url === undefined) return undefined;
  const base = afterHost === undefined ? url : `${url}${request.host()}${afterHost}`;
  return to.appendRequestUri ? base + request.target() : base;
}

/**
 * Whether a redirect leads to the very URL that was asked for, as `return 301 https://same.example$request_uri` does
 * once the client speaks https. Clients would follow it until they give up.
 */
export function leadsToItself(location: string, request: RequestReader): boolean {
  const [scheme, authority = "", rest = ""] = string.match(location, "^(https?)://([^/?#]*)(.*)$");
  const target = request.target();
  if (scheme === undefined) return location === target;
  const path = string.sub(rest, 1, 1) === "/" ? rest : `/${rest}`;
  if (scheme !== request.scheme() || path !== target) return false;
  const asked = request.hostHeader() ?? request.host();
  return withoutPort(authority, scheme as Scheme) === withoutPort(asked, scheme as Scheme);
}

/** @returns host and port in lower case, without the port that is the scheme's default */
function withoutPort(authority: string, scheme: Scheme): string {
  const lower = string.lower(authority);
  const [host] = string.match(lower, `^(.*):${DEFAULT_PORT[scheme]}$`);
  return host ?? lower;
}

/** @returns the URL that was asked for, by https on its default port */
export function httpsLocation(request: RequestReader): string {
  return `https://${request.host()}${request.target()}`;
}

/** @returns 301 for a GET and a HEAD; 308, which keeps the method, for any other, as other servers do */
export function httpsStatus(request: RequestReader): number {
  const method = request.method();
  return method === "GET" || method === "HEAD" ? 301 : 308;
}

/** Replaces the prefix that a route has matched by the path of its target, as nginx's `proxy_pass` with a URI does. */
import { isReadingOf } from "./path_readings";

/** How a request's path is changed. */
export interface PathRule {
  /** What is replaced; without a slash at its end. */
  readonly prefix: string;
  /** What replaces it; begins with a slash. */
  readonly path: string;
}

const SLASH = 47;

/**
 * Makes the request target that the backend gets. The path `/` for the prefix `/api` makes `/x` of `/api/x`, and `/` of
 * `/api`; the path `/v2` makes `/v2/x` and `/v2`. A slash at the end of the path matters only for `/api` itself.
 *
 * What follows the prefix is sent byte for byte as the client sent it. Where that is impossible, `$uri` is sent,
 * escaped again, as with any `proxy_pass` that has a URI: if the target does not begin with the prefix (`/x/../api`),
 * if dot segments follow it or, without a path, two slashes, and if something has rewritten `$uri` or `$args`.
 *
 * Invariant: however a backend reads paths, it never reads what it gets as a path outside of the target's.
 *
 * @param uri nginx's `$uri`, which is within the prefix
 * @param target nginx's `$request_uri`
 * @param args nginx's `$args`
 * @returns nothing if a backend might still read it as outside
 */
export function replacePrefix(rule: PathRule, uri: string, target: string, args: string): string | undefined {
  const sent = restAsSent(rule.prefix, uri, target, args);
  if (sent !== undefined && isContained(rule, sent)) return joined(rule, sent);
  const query = args === "" ? "" : `?${args}`;
  const rest = escape(string.sub(uri, rule.prefix.length + 1)) + query;
  return isContained(rule, rest) ? joined(rule, rest) : undefined;
}

/** @returns what follows the prefix in the target, unless the request was rewritten, or does not begin with it */
function restAsSent(prefix: string, uri: string, target: string, args: string): string | undefined {
  const [query = ""] = string.match(target, "%?(.*)$");
  if (query !== args || !isReadingOf(target, uri)) return undefined;
  const end = endOfPrefix(prefix, target);
  const rest = string.sub(target, end ?? 1);
  const [within] = string.find(rest, "^[^/?#]");
  return end !== undefined && within === undefined ? rest : undefined;
}

/** @returns where the prefix ends in a target, which may encode any byte of it. */
function endOfPrefix(prefix: string, target: string): number | undefined {
  let place = 1;
  for (const i of $range(1, prefix.length)) {
    const [digits] = string.match(target, "^%%(%x%x)", place);
    const byte = digits === undefined ? string.byte(target, place) : tonumber(digits, 16);
    if (byte !== string.byte(prefix, i)) return undefined;
    place += digits === undefined ? 1 : 3;
  }
  return place;
}

/** Whether every reading of the rest stays below the rule's path, and none begins with a host. */
function isContained(rule: PathRule, rest: string): boolean {
  const [path = ""] = string.match(rest, "^[^?]*");
  const [slashes] = string.gsub(path, "%%2[Ff]", "/");
  const [backslashes] = string.gsub(slashes, "%%5[Cc]", "/");
  const [turned] = string.gsub(backslashes, "\\", "/");
  const [dotted] = string.gsub(turned, "%%2[Ee]", ".");
  const [dots] = string.find(dotted, "/%.%.?%f[%z/#]");
  return dots === undefined && (rule.path !== "/" || string.sub(dotted, 1, 2) !== "//");
}

function joined(rule: PathRule, rest: string): string {
  if (string.byte(rest) !== SLASH) return rule.path + rest;
  const [base = ""] = string.match(rule.path, "^(.-)/?$");
  return base + rest;
}

/** Escapes a path as nginx does, and whatever else no URI may hold (RFC 3986, section 3.3). */
function escape(path: string): string {
  const [escaped] = string.gsub(path, "[^A-Za-z0-9._~!$&'()*+,;=:@/%[%]-]", escapeByte);
  return escaped;
}

function escapeByte(this: void, byte: string): string {
  return string.format("%%%02X", string.byte(byte));
}

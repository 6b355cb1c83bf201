import { ROUTES, spaceOf } from "../redis/key_spaces";
import { ipv4Octets } from "../format/ipv4";
import { canonicalIpv6 } from "../format/ipv6";
import { NOT_IN_HOST } from "../format/written_host";

/** The longest DNS name, in bytes. */
const HOST_BYTES = 253;

/** Bounds the cost of an invented name of a hundred labels. */
const MAX_WILDCARDS = 8;

/**
 * Lists the keys of the route table that a host may match, the most specific first: `a.example.com`, `*.example.com`,
 * `*.com`, `*`. No key comes twice.
 *
 * At most 8 wildcards are listed, those with the fewest labels. An IP literal has no parent domains: it matches itself
 * and `*`. What cannot be a host (empty, longer than 253 bytes, or `@web`, which is a pool's name) matches only `*`.
 *
 * @param host nginx's `$host`: lower case, without port and trailing dot, IPv6 in brackets; otherwise any bytes
 */
export function namesToTry(host: string): string[] {
  if (host === "" || host === "*" || spaceOf(host) !== ROUTES || host.length > HOST_BYTES) return ["*"];
  const names = [host];
  if (!isIpLiteral(host)) addWildcards(host, names);
  names.push("*");
  return names;
}

/**
 * Lists the keys for a request's host: those of `namesToTry`, or none if `isHost` refuses it. So such a host is never
 * looked up in Redis, matched by a wildcard, or remembered.
 *
 * @param host nginx's `$host`
 */
export function namesOfHost(host: string): readonly string[] {
  return isHost(host) ? namesToTry(host) : [];
}

/**
 * Whether a request's host can be one: it consists of the bytes of host names (letters, digits, `-`, `_`, `.`, and
 * what is not ASCII), or is an IPv6 address in brackets. An empty host is accepted.
 *
 * Invariant: the Host that is sent on holds no byte at which a backend could read it as another host's, such as `#`,
 * `?`, `\` or `@`.
 *
 * @param host nginx's `$host`
 */
export function isHost(host: string): boolean {
  const [alien] = string.find(host, NOT_IN_HOST);
  if (alien === undefined) return true;
  const [bracketed] = string.match(host, "^%[(.*)%]$");
  return bracketed !== undefined && canonicalIpv6(bracketed) !== undefined;
}

function isIpLiteral(host: string): boolean {
  return string.sub(host, 1, 1) === "[" || ipv4Octets(host) !== undefined;
}

/** Adds `*.b.c` and `*.c` for `a.b.c`: one for each dot, without the first dots if there are too many. */
function addWildcards(host: string, names: string[]): void {
  const [, dots] = string.gsub(host, "%.", "");
  let surplus = dots - MAX_WILDCARDS;
  let [dot] = string.find(host, ".", 1, true);
  while (dot !== undefined) {
    const wildcard = `*${string.sub(host, dot)}`;
    // A client may send `*.example.com` as its host, which is in the list already.
    if (surplus <= 0 && wildcard !== host) names.push(wildcard);
    surplus -= 1;
    [dot] = string.find(host, ".", dot + 1, true);
  }
}

import { isPoolName } from "../origin/keys";
import { ipv4Octets } from "./ipv4";

/** The longest DNS name, in bytes. */
const HOST_BYTES = 253;

/** So that an invented name of a hundred labels costs no more than a real one. */
const MAX_WILDCARDS = 8;

/**
 * The names of the route table a host may match, the most specific first: `a.example.com`, `*.example.com`, `*.com`,
 * `*`. No name comes twice.
 *
 * At most 8 wildcards, those with the fewest labels. An IP literal has no parent domains, so it tries itself and `*`.
 * What cannot be a host (empty, longer than 253 bytes, or `@web`, which is a pool's name) tries `*` alone.
 *
 * @param host nginx's `$host`: lower case, without port and trailing dot, IPv6 in brackets; otherwise any bytes
 */
export function namesToTry(host: string): string[] {
  if (host === "" || host === "*" || isPoolName(host) || host.length > HOST_BYTES) return ["*"];
  const names = [host];
  if (!isIpLiteral(host)) addWildcards(host, names);
  names.push("*");
  return names;
}

function isIpLiteral(host: string): boolean {
  return string.sub(host, 1, 1) === "[" || ipv4Octets(host) !== undefined;
}

/** `*.b.c` and `*.c` for `a.b.c`: one for each dot, but for the dots in front when there are too many. */
function addWildcards(host: string, names: string[]): void {
  const [, dots] = string.gsub(host, "%.", "");
  let surplus = dots - MAX_WILDCARDS;
  let [dot] = string.find(host, ".", 1, true);
  while (dot !== undefined) {
    const wildcard = `*${string.sub(host, dot)}`;
    // A client may well send `*.example.com` as its host: then it is in the list already.
    if (surplus <= 0 && wildcard !== host) names.push(wildcard);
    surplus -= 1;
    [dot] = string.find(host, ".", dot + 1, true);
  }
}

import type { Result } from "../result";
import { type Address, type Host, parseAddress, parseIpv4AndPort, readIpv4AndPort } from "./address";
import { refuse } from "../text/complaint";
import { ipv4Number } from "./ipv4";
import { withoutEnd } from "../text/line_end";

/** The most backends of a list, a set or a pool. */
export const MOST_BACKENDS = 1024;

/** How long a list, a set or a pool may be, in bytes: as written, and its text. */
export const BACKENDS_BYTES = 65_536;

const ONE_HOST = "the address of one host, not a multicast or broadcast address";

const SCOPED = "an address that needs no interface beside it, as link-local ones do";

/**
 * Reads the address of a backend: what `parseAddress` reads, but for addresses that no connection can ever be made to.
 * nginx refuses to try some of them, and writes `[crit]` for others, each time a request goes there.
 *
 * @param text the address
 * @param before how many bytes stand before it in the text that a complaint counts from
 * @returns `bad_target` with the place, what was expected and what was there
 */
export function parseBackend(text: string, before = 0): Result<Address, "bad_target"> {
  const [address, err, detail] = parseAddress(text, before);
  if (err !== undefined) return $multi(undefined, err, detail);
  const expected = problemWith(address);
  if (expected !== undefined) return refuse(before + 1, expected, text);
  return $multi(address, undefined);
}

/** The same for an IPv4 address and a port, as most backends are. @returns nothing for any other text, right or wrong */
export function parseUsualBackend(text: string): Address | undefined {
  const [address, ipv4] = parseIpv4AndPort(text);
  if (address === undefined || isForMany(ipv4)) return undefined;
  return address;
}

/** Whether a text is such a backend. Its canonical text is the text itself, so no address is made to know that. */
export function isUsualBackend(text: string): boolean {
  const [ipv4] = readIpv4AndPort(text);
  return ipv4 !== undefined && !isForMany(ipv4);
}

/**
 * Reads a backend that stands by itself: an item of a list, a member of a set or a pool. Blanks and line ends after it are
 * ignored, and so is a slash at its end, as Hipache does.
 *
 * @returns `bad_target` with the place, what was expected and what was there
 */
export function parseMember(text: string): Result<Address, "bad_target"> {
  const [member = ""] = string.match(withoutEnd(text), "^(.-)/?$");
  return parseBackend(member);
}

/** @returns what would have been right, if no connection can be made to the host */
function problemWith(to: Host): string | undefined {
  const { form, host } = to;
  if (form === "ipv4") return isForMany(ipv4Number(host)) ? ONE_HOST : undefined;
  if (form === "name") return undefined;
  // The canonical text of an IPv4-mapped address is the only one with dots in it (RFC 5952, section 5).
  const [mapped] = string.match(host, "^::ffff:(%d+%.%d+%.%d+%.%d+)$");
  const [multicast] = string.find(host, "^ff%x%x:");
  if (multicast !== undefined || (mapped !== undefined && isForMany(ipv4Number(mapped)))) return ONE_HOST;
  const [linkLocal] = string.find(host, "^fe[89ab]%x:");
  if (linkLocal !== undefined) return SCOPED;
  return undefined;
}

const BROADCAST = 0xffffffff;

/** Whether an IPv4 address is a multicast one (224.0.0.0/4, RFC 5771) or the broadcast address. */
function isForMany(ipv4: number | undefined): boolean {
  const octet = math.floor((ipv4 ?? 0) / 2 ** 24);
  return (octet >= 224 && octet <= 239) || ipv4 === BROADCAST;
}

import type { Result } from "../result";
import { type Address, type Host, parseAddress, parseIpv4AndPort, readIpv4AndPort } from "./address";
import { refuse } from "../text/complaint";
import { ipv4Number } from "./ipv4";
import { withoutEnd } from "../text/line_end";

/** The maximum number of backends in a list, a set or a pool. */
export const MOST_BACKENDS = 1024;

/**
 * The maximum size of a list, a set or a pool, in bytes. It applies to the value as written and to the text printed
 * from it.
 */
export const BACKENDS_BYTES = 65_536;

const ONE_HOST = "the address of one host, not a multicast or broadcast address";

const SCOPED = "an address that needs no interface beside it, as link-local ones do";

/**
 * Reads the address of a backend as `parseAddress` does, but refuses addresses that no connection can reach. nginx does
 * not try to connect to some of them, and logs `[crit]` for others at each request.
 *
 * @param text the address
 * @param before bytes before it in the full text; error positions count from the start of the full text
 * @returns `bad_target` with the position, what was expected and what was found
 */
export function parseBackend(text: string, before = 0): Result<Address, "bad_target"> {
  const [address, err, detail] = parseAddress(text, before);
  if (err !== undefined) return $multi(undefined, err, detail);
  const expected = problemWith(address);
  if (expected !== undefined) return refuse(before + 1, expected, text);
  return $multi(address, undefined);
}

/**
 * Fast path of `parseBackend` for an IPv4 address and a port, the form of most backends.
 *
 * @returns nothing if `parseBackend` must read the text
 */
export function parseUsualBackend(text: string): Address | undefined {
  const [address, ipv4] = parseIpv4AndPort(text);
  if (address === undefined || isForMany(ipv4)) return undefined;
  return address;
}

/** Whether `parseUsualBackend` accepts a text. Such a text is already canonical, so this builds no address. */
export function isUsualBackend(text: string): boolean {
  const [ipv4] = readIpv4AndPort(text);
  return ipv4 !== undefined && !isForMany(ipv4);
}

/**
 * Reads a single backend: an item of a list, or a member of a set or a pool. Ignores blanks and line ends after it, and
 * a slash at its end, as Hipache does.
 *
 * @returns `bad_target` with the position, what was expected and what was found
 */
export function parseMember(text: string): Result<Address, "bad_target"> {
  const [member = ""] = string.match(withoutEnd(text), "^(.-)/?$");
  return parseBackend(member);
}

/** @returns what was expected instead, if no connection can reach the host; otherwise nothing */
function problemWith(to: Host): string | undefined {
  const { form, host } = to;
  if (form === "ipv4") return isForMany(ipv4Number(host)) ? ONE_HOST : undefined;
  if (form === "name") return undefined;
  // Only an IPv4-mapped address has dots in its canonical text (RFC 5952, section 5).
  const [mapped] = string.match(host, "^::ffff:(%d+%.%d+%.%d+%.%d+)$");
  const [multicast] = string.find(host, "^ff%x%x:");
  if (multicast !== undefined || (mapped !== undefined && isForMany(ipv4Number(mapped)))) return ONE_HOST;
  const [linkLocal] = string.find(host, "^fe[89ab]%x:");
  if (linkLocal !== undefined) return SCOPED;
  return undefined;
}

const BROADCAST = 0xffffffff;

/** Whether an IPv4 address is multicast (224.0.0.0/4, RFC 5771) or the broadcast address. */
function isForMany(ipv4: number | undefined): boolean {
  const octet = math.floor((ipv4 ?? 0) / 2 ** 24);
  return (octet >= 224 && octet <= 239) || ipv4 === BROADCAST;
}

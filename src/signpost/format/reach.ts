/**
 * Restricts the backends of routes by the settings `allow_targets` and `deny_targets`. If a table has several writers,
 * none of them may open this machine, or a cloud's metadata service, to requests.
 */
import { type Address, printAddress } from "./address";
import { quote } from "../text/complaint";
import { areZero, covers, type Ip, type IpRange, ipOf, parseIpRange, unmapped } from "./ip_range";

/** @returns an error message if a backend's address is not allowed, or nothing */
export type ReachProblem = (this: void, address: Address) => string | undefined;

/**
 * @param allow ranges as written; if absent, every address is allowed
 * @param deny ranges as written; they win over `allow`
 * @returns nothing if neither is given: then every backend is allowed
 */
export function newReach(
  allow: readonly string[] | undefined,
  deny: readonly string[] | undefined,
): ReachProblem | undefined {
  if (allow === undefined && deny === undefined) return undefined;
  const allowed = allow !== undefined ? rangesOf(allow) : undefined;
  const denied = rangesOf(deny ?? []);
  return (address) => {
    const got = quote(printAddress(address));
    const ip = ipOf(address.host);
    if (address.form === "name" || ip === undefined) {
      return `expected an IP address, as allow_targets or deny_targets is set, got ${got}`;
    }
    for (const one of spellingsOf(ip)) {
      const range = rangeWith(denied, one);
      if (range !== undefined) return `expected a backend outside ${range.text} of deny_targets, got ${got}`;
    }
    if (allowed !== undefined && rangeWith(allowed, reached(ip)) === undefined) {
      return `expected a backend in one of allow_targets, got ${got}`;
    }
    return undefined;
  };
}

function rangesOf(texts: readonly string[]): readonly IpRange[] {
  const ranges: IpRange[] = [];
  for (const text of texts) {
    const [range, err, detail] = parseIpRange(text);
    // The settings are already checked. Raise an error anyway: an unreadable range must never be ignored.
    if (err !== undefined) error(detail);
    ranges.push(range);
  }
  return ranges;
}

function rangeWith(ranges: readonly IpRange[], ip: Ip): IpRange | undefined {
  for (const range of ranges) {
    if (covers(range, ip)) return range;
  }
  return undefined;
}

/**
 * The address that a connection goes to: for `0.0.0.0` and `::`, this machine's loopback address; for an IPv4-mapped
 * address, the IPv4 address.
 */
function reached(ip: Ip): Ip {
  const plain = unmapped(ip);
  if (!areZero(plain, plain.length)) return plain;
  return plain.length === 2 ? [0x7f00, 1] : [0, 0, 0, 0, 0, 0, 0, 1];
}

/**
 * All addresses that an address may stand for; denying one of them denies it. They are: the address itself; the address
 * that a connection goes to; and the IPv4 address in an IPv4-mapped or IPv4-compatible address (RFC 4291), a NAT64
 * address (64:ff9b::/96, RFC 6052) or a 6to4 address (2002::/16, RFC 3056).
 */
function spellingsOf(ip: Ip): readonly Ip[] {
  const spellings: Ip[] = [ip, unmapped(ip), reached(ip)];
  if (ip.length === 8 && (areZero(ip, 6) || isNat64(ip))) spellings.push([ip[6] ?? 0, ip[7] ?? 0]);
  if (ip.length === 8 && ip[0] === 0x2002) spellings.push([ip[1] ?? 0, ip[2] ?? 0]);
  return spellings;
}

function isNat64(ip: Ip): boolean {
  return ip[0] === 0x64 && ip[1] === 0xff9b && ip[2] === 0 && ip[3] === 0 && ip[4] === 0 && ip[5] === 0;
}

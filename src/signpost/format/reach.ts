/**
 * Where routes may lead, if the settings `allow_targets` and `deny_targets` say so: a table with several writers must not
 * open this machine, or a cloud's metadata service, to any of them.
 */
import { type Address, printAddress } from "./address";
import { quote } from "../text/complaint";
import { areZero, covers, type Ip, type IpRange, ipOf, parseIpRange, unmapped } from "./ip_range";

/** @returns what is wrong with a backend's address, or nothing */
export type ReachProblem = (this: void, address: Address) => string | undefined;

/**
 * @param allow ranges as written; without any, every address is allowed
 * @param deny ranges as written; they win
 * @returns nothing if neither is given: then routes may lead anywhere
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
    // The settings were checked: what cannot be read must never be taken for nothing.
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

/** Where a connection to the address goes: of `0.0.0.0` and `::`, to this machine. */
function reached(ip: Ip): Ip {
  const plain = unmapped(ip);
  if (!areZero(plain, plain.length)) return plain;
  return plain.length === 2 ? [0x7f00, 1] : [0, 0, 0, 0, 0, 0, 0, 1];
}

/**
 * All that an address may be taken for, one of which is enough to deny it: itself; where it goes; and the IPv4 address in
 * an IPv4-compatible one (RFC 4291), one of NAT64 (64:ff9b::/96, RFC 6052) or of 6to4 (2002::/16, RFC 3056).
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

import type { Result } from "../result";
import { quote } from "../text/complaint";
import { ipv4Octets } from "./ipv4";
import { ipv6Groups } from "./ipv6";

/** An IP address as 16-bit numbers, highest first: two for IPv4, eight for IPv6. */
export type Ip = readonly number[];

/** The addresses whose first `bits` bits are those of `ip`. */
export interface IpRange {
  readonly ip: Ip;
  readonly bits: number;
  /** The range as written. */
  readonly text: string;
}

const GROUP_BITS = 16;

/** @returns the IP address in a text without brackets; nothing if the text is not an IP address */
export function ipOf(text: string): Ip | undefined {
  const octets = ipv4Octets(text);
  if (octets === undefined) return ipv6Groups(text);
  const [a = 0, b = 0, c = 0, d = 0] = octets;
  return [a * 256 + b, c * 256 + d];
}

/** The IPv4 address in an IPv4-mapped one (`::ffff:10.0.0.5`); any other address is returned unchanged. */
export function unmapped(ip: Ip): Ip {
  return ip[5] === 0xffff && areZero(ip, 5) ? [ip[6] ?? 0, ip[7] ?? 0] : ip;
}

/** Whether the first `count` groups are all 0. */
export function areZero(ip: Ip, count: number): boolean {
  for (const i of $range(0, count - 1)) {
    if (ip[i] !== 0) return false;
  }
  return true;
}

/**
 * Reads a range in the form of RFC 4632 and RFC 4291: `10.0.0.0/8`, `fd00::/8`. An address without a prefix length is a
 * range of one address.
 *
 * @returns `bad_range` with what was expected
 */
export function parseIpRange(text: string): Result<IpRange, "bad_range"> {
  const [address = "", slash, digits = ""] = string.match(text, "^([^/]*)(/?)(%d*)$");
  const ip = ipOf(address);
  if (ip === undefined) return bad(text);
  const most = ip.length * GROUP_BITS;
  const bits = slash === "/" ? tonumber(digits) : most;
  if (bits === undefined || bits > most || (slash === "/" && tostring(bits) !== digits)) return bad(text);
  if (!isStart(ip, bits)) {
    return $multi(
      undefined,
      "bad_range",
      `expected no bits set after the first ${bits} of the address, got ${quote(text)}`,
    );
  }
  return $multi({ ip, bits, text }, undefined);
}

/** Whether the range contains the address. A range of one IP version contains no address of the other. */
export function covers(range: IpRange, ip: Ip): boolean {
  const { ip: start, bits } = range;
  if (start.length !== ip.length) return false;
  for (const i of $range(0, ip.length - 1)) {
    const unit = unitOf(bits, i);
    if (math.floor((start[i] ?? 0) / unit) !== math.floor((ip[i] ?? 0) / unit)) return false;
  }
  return true;
}

function isStart(ip: Ip, bits: number): boolean {
  for (const i of $range(0, ip.length - 1)) {
    if ((ip[i] ?? 0) % unitOf(bits, i) !== 0) return false;
  }
  return true;
}

/** The divisor for a group that drops the bits after the first `bits` bits of the address. */
function unitOf(bits: number, group: number): number {
  return 2 ** (GROUP_BITS - math.max(0, math.min(GROUP_BITS, bits - group * GROUP_BITS)));
}

function bad(text: string): LuaMultiReturn<[value: undefined, err: "bad_range", detail: string]> {
  return $multi(
    undefined,
    "bad_range",
    `expected a range of IP addresses, such as 10.0.0.0/8 or fd00::/8, got ${quote(text)}`,
  );
}

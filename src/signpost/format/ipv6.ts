import { ipv4Octets } from "./ipv4";

/** The longest text of an address: eight groups, the last two as an IPv4 address. A longer text is refused unread. */
const LONGEST_BYTES = 45;

const GROUPS = 8;

/**
 * Converts an IPv6 address to the form of RFC 5952: `FD00:0:0::0005` becomes `fd00::5`. IPv4-mapped addresses keep
 * their dotted end (`::ffff:10.0.0.5`), as in section 5 of that RFC and in the C library.
 *
 * @param text any text form of RFC 4291, without brackets and without a zone
 * @returns nothing if the text is not an IPv6 address
 */
export function canonicalIpv6(text: string): string | undefined {
  const groups = ipv6Groups(text);
  if (groups === undefined) return undefined;
  return printGroups(groups);
}

/**
 * Reads an IPv6 address as its eight 16-bit numbers, highest first.
 *
 * @param text as for `canonicalIpv6`
 * @returns nothing if the text is not an IPv6 address
 */
export function ipv6Groups(text: string): number[] | undefined {
  if (text.length > LONGEST_BYTES) return undefined;
  const [gap] = string.find(text, "::", 1, true);
  const head: number[] = [];
  if (gap === undefined) return readGroups(text, true, head) && head.length === GROUPS ? head : undefined;

  const tail: number[] = [];
  if (!readGroups(string.sub(text, 1, gap - 1), false, head)) return undefined;
  if (!readGroups(string.sub(text, gap + 2), true, tail)) return undefined;
  const zeros = GROUPS - head.length - tail.length;
  if (zeros < 1) return undefined;
  for (const _ of $range(1, zeros)) head.push(0);
  for (const group of tail) head.push(group);
  return head;
}

/**
 * Reads groups separated by single colons and appends them to `groups`. An empty text has no groups.
 *
 * @param isEnd whether the text is the end of the address: only the end may be an IPv4 address
 * @returns whether every group is valid
 */
function readGroups(text: string, isEnd: boolean, groups: number[]): boolean {
  if (text === "") return true;
  let from = 1;
  let [colon] = string.find(text, ":", from, true);
  while (colon !== undefined) {
    if (!readGroup(string.sub(text, from, colon - 1), groups)) return false;
    from = colon + 1;
    [colon] = string.find(text, ":", from, true);
  }
  const last = string.sub(text, from);
  return readGroup(last, groups) || (isEnd && readIpv4(last, groups));
}

/** Reads a group of one to four hexadecimal digits. */
function readGroup(text: string, groups: number[]): boolean {
  const [hex = ""] = string.match(text, "^%x%x?%x?%x?$");
  const group = tonumber(hex, 16);
  if (group === undefined) return false;
  groups.push(group);
  return true;
}

/** Reads a dotted quad as two groups. */
function readIpv4(text: string, groups: number[]): boolean {
  const [a, b, c, d] = ipv4Octets(text) ?? [];
  if (a === undefined || b === undefined || c === undefined || d === undefined) return false;
  groups.push(a * 256 + b);
  groups.push(c * 256 + d);
  return true;
}

function printGroups(groups: readonly number[]): string {
  const mapped = printMapped(groups);
  if (mapped !== undefined) return mapped;
  const [start, count] = longestZeroRun(groups);
  // RFC 5952, 4.2.2: "::" must not stand for a single group.
  if (count < 2) return printRange(groups, 0, GROUPS);
  return `${printRange(groups, 0, start)}::${printRange(groups, start + count, GROUPS)}`;
}

/** Prints an IPv4-mapped address as `::ffff:10.0.0.5`: 80 zero bits, 16 one bits, an IPv4 address. Else nothing. */
function printMapped(groups: readonly number[]): string | undefined {
  const [start, count] = longestZeroRun(groups);
  const [high, low] = [groups[6], groups[7]];
  if (start !== 0 || count !== 5 || groups[5] !== 0xffff || high === undefined || low === undefined) return undefined;
  return string.format("::ffff:%d.%d.%d.%d", math.floor(high / 256), high % 256, math.floor(low / 256), low % 256);
}

/** The start (0-based) and the length of the longest run of zero groups; of equal runs, the first. */
function longestZeroRun(groups: readonly number[]): LuaMultiReturn<[start: number, count: number]> {
  let [bestStart, bestCount, count] = [0, 0, 0];
  for (const i of $range(0, GROUPS - 1)) {
    count = groups[i] === 0 ? count + 1 : 0;
    if (count > bestCount) {
      bestStart = i - count + 1;
      bestCount = count;
    }
  }
  return $multi(bestStart, bestCount);
}

/** Prints the groups from `start` up to but not including `end` (0-based), joined by colons. */
function printRange(groups: readonly number[], start: number, end: number): string {
  const texts: string[] = [];
  for (const i of $range(start, end - 1)) texts.push(string.format("%x", groups[i]));
  return table.concat(texts, ":");
}

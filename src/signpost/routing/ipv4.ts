const ZERO = 48;
const NINE = 57;
const DOT = 46;

/**
 * The four octets of an IPv4 address in dotted decimal.
 *
 * Leading zeros are no address here: some systems read them as octal, and two readings of one route are one too many.
 *
 * It looks at one byte after the other: LuaJIT compiles that, and not a search for a pattern.
 *
 * @returns nothing when the text is anything else
 */
export function ipv4Octets(text: string): number[] | undefined {
  const octets: number[] = [];
  let count = 0;
  let octet = 0;
  let digits = 0;
  for (const i of $range(1, text.length)) {
    const byte = string.byte(text, i);
    if (byte === DOT) {
      if (digits === 0) return undefined;
      octets[count] = octet;
      count += 1;
      octet = 0;
      digits = 0;
    } else {
      const isLeadingZero = digits > 0 && octet === 0;
      if (byte < ZERO || byte > NINE || isLeadingZero) return undefined;
      octet = octet * 10 + byte - ZERO;
      digits += 1;
      if (octet > 255) return undefined;
    }
  }
  if (digits === 0 || count !== 3) return undefined;
  octets[count] = octet;
  return octets;
}

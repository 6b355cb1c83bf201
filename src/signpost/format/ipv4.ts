/** The bytes of the first and the last digit. */
export const ZERO = 48;
export const NINE = 57;
const DOT = 46;

/**
 * Converts an IPv4 address in dotted decimal to a number from 0 to 2^32 - 1.
 *
 * Refuses leading zeros, because some systems read them as octal: a route must have only one reading.
 *
 * It reads byte by byte and builds no table: LuaJIT compiles this loop; it does not compile a pattern search.
 *
 * @param last the position of the last byte of the address
 * @returns nothing for any other text
 */
export function ipv4Number(text: string, last = text.length): number | undefined {
  let address = 0;
  let dots = 0;
  let octet = 0;
  let digits = 0;
  for (const i of $range(1, last)) {
    const byte = string.byte(text, i);
    if (byte === DOT) {
      if (digits === 0) return undefined;
      address = address * 256 + octet;
      dots += 1;
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
  if (digits === 0 || dots !== 3) return undefined;
  return address * 256 + octet;
}

/** The four octets of an address that `ipv4Number` reads; nothing for any other text. */
export function ipv4Octets(text: string): number[] | undefined {
  const address = ipv4Number(text);
  if (address === undefined) return undefined;
  const octet = (place: number) => math.floor(address / place) % 256;
  return [octet(2 ** 24), octet(2 ** 16), octet(2 ** 8), octet(1)];
}

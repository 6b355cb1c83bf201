/**
 * The four octets of an IPv4 address in dotted decimal.
 *
 * Leading zeros are no address here: some systems read them as octal, and two readings of one route are one too many.
 *
 * @returns nothing when the text is anything else
 */
export function ipv4Octets(text: string): number[] | undefined {
  const [quad] = string.find(text, "^%d+%.%d+%.%d+%.%d+$");
  if (quad === undefined) return undefined;
  const octets: number[] = [];
  for (const [digits] of string.gmatch(text, "%d+")) {
    const octet = tonumber(digits);
    if (octet === undefined || octet > 255 || tostring(octet) !== digits) return undefined;
    octets.push(octet);
  }
  return octets;
}

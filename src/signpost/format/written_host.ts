/** Matches all of ASCII except letters, digits, `-`, `_` and `.`. */
export const NOT_IN_HOST = "[%c -,/:-@[-^`{-~]";

const BLANK = 32;
const DOT = 46;
const COLON = 58;
const CAPITAL_A = 65;
const CAPITAL_Z = 90;

/**
 * Finds the name that requests look up for a host that a key writes in another form. Hosts of requests are in lower
 * case, without port, final dot or blanks, so no request matches a key that has any of these.
 *
 * @param needsDot whether to ignore names without a dot. If routes have no key prefix, the keys of any other program
 * may look like a host and a port
 * @returns the name that requests look up; nothing if requests can match the given name, or if it does not look like a
 * host
 */
export function matchableName(name: string, needsDot: boolean): string | undefined {
  if (!mayBeWrittenOtherwise(name)) return undefined;
  const [trimmed = ""] = string.match(string.lower(name), "^%s*(.-)%s*$");
  const [withoutPort] = string.match(trimmed, "^(.*[^:]):%d+$");
  const [host = ""] = string.match(withoutPort ?? trimmed, "^(.-)%.?$");
  return host !== name && isLikeHost(host, needsDot) ? host : undefined;
}

/**
 * Whether a name has a capital letter, white space or a colon, or ends in a dot. LuaJIT compiles this loop; it does not
 * compile a pattern search.
 */
function mayBeWrittenOtherwise(name: string): boolean {
  for (const i of $range(1, name.length)) {
    const byte = string.byte(name, i);
    if (byte <= BLANK || (byte >= CAPITAL_A && byte <= CAPITAL_Z) || byte === COLON) return true;
  }
  return string.byte(name, -1) === DOT;
}

function isLikeHost(host: string, needsDot: boolean): boolean {
  const [bracketed] = string.find(host, "^%[[%x:.]+%]$");
  if (bracketed !== undefined) return true;
  const [labels = ""] = string.match(host, "^%*?(.*)$");
  const [alien] = string.find(labels, NOT_IN_HOST);
  const [dot] = string.find(labels, ".", 1, true);
  return labels !== "" && alien === undefined && (dot !== undefined || !needsDot);
}

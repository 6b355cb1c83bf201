/** All of ASCII but letters, digits, `-`, `_` and `.`. */
export const NOT_IN_HOST = "[%c -,/:-@[-^`{-~]";

const BLANK = 32;
const DOT = 46;
const COLON = 58;
const CAPITAL_A = 65;
const CAPITAL_Z = 90;

/**
 * Of a route's name as a key has it: the name that such hosts are looked up as. Requests come with hosts in lower case,
 * without port, final dot or blanks, so no request ever matches a key that has any of these.
 *
 * @param needsDot takes a name without a dot for something that is no host: where routes have no prefix, the keys of any
 * other program may look like a host and a port
 * @returns nothing if requests can match the name as it is, or if it is nothing like a host's
 */
export function matchableName(name: string, needsDot: boolean): string | undefined {
  if (!mayBeWrittenOtherwise(name)) return undefined;
  const [trimmed = ""] = string.match(string.lower(name), "^%s*(.-)%s*$");
  const [withoutPort] = string.match(trimmed, "^(.*[^:]):%d+$");
  const [host = ""] = string.match(withoutPort ?? trimmed, "^(.-)%.?$");
  return host !== name && isLikeHost(host, needsDot) ? host : undefined;
}

/**
 * Whether a name has a capital letter, white space or a colon, or ends in a dot. LuaJIT compiles this, and not a search for
 * a pattern.
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

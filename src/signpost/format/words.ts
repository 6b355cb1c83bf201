import type { Result } from "../result";
import { type Address, printAddress } from "./address";
import { parseBackend } from "./backend";
import { refuse } from "../text/complaint";
import { parseTargetPath } from "./target_path";

const DOTLESS = "a port after a name without a dot, where there are several addresses";

const PORTLESS = "a port after a name, where another address has one";

const ONE_PATH = "the same path after each address";

/** The addresses of a text, and the path that they share. */
export interface Words {
  /** At least one, in the order written. */
  readonly addresses: readonly Address[];
  /** The path after each address, beginning with a slash; empty if there is none. */
  readonly path: string;
}

/** One address with its path. */
interface Word {
  readonly address: Address;
  readonly path: string;
}

/** Facts about all words of a text together. */
interface Company {
  readonly areSeveral: boolean;
  /** Whether at least one word has a port. */
  readonly hasPort: boolean;
}

/**
 * Reads addresses separated by blanks, by one comma, or by both. All have the same path after them, or none has a path.
 *
 * Among several words, a name without port and scheme may be meant as something else, such as nginx's `backup` or the
 * Host to send. It is refused if it has no dot, or if another word has a port.
 *
 * @param text has no blank at its beginning or end
 * @param before bytes before it in the full text; error positions count from the start of the full text
 * @param maxBytes the maximum length of the addresses when each is printed with its port
 * @param ignoresSlash whether a path of a single slash counts as no path
 * @returns `bad_target` with the position, what was expected and what was found
 */
export function parseWords(
  text: string,
  before: number,
  maxBytes: number,
  ignoresSlash: boolean,
): Result<Words, "bad_target"> {
  const company = companyIn(text);
  const addresses: Address[] = [];
  let path: string | undefined;
  let start = 1;
  let printedBytes = 0;
  // The appended comma puts a separator after every address, and turns a trailing comma into an empty address.
  for (const [word = "", separator = ""] of string.gmatch(`${text},`, "([^ \t,]*)([ \t]*[ \t,][ \t]*)")) {
    const beforeWord = before + start - 1;
    if (word === "") return refuse(beforeWord + 1, "an address", string.sub(text, start));
    const [parsed, err, detail] = parseWord(word, beforeWord, company);
    if (err !== undefined) return $multi(undefined, err, detail);
    const own = ignoresSlash && parsed.path === "/" ? "" : parsed.path;
    path ??= own;
    if (own !== path) return refuse(beforeWord + 1, ONE_PATH, word);
    printedBytes += printAddress(parsed.address).length + path.length + 1;
    if (printedBytes > maxBytes + 1) {
      return refuse(beforeWord + 1, `no more than ${maxBytes} bytes of addresses, each with its port`, word);
    }
    addresses.push(parsed.address);
    start += word.length + separator.length;
  }
  return $multi({ addresses, path: path ?? "" }, undefined);
}

function companyIn(text: string): Company {
  const [separator] = string.find(text, "[ \t,]");
  if (separator === undefined) return ALONE;
  // Inside brackets, a colon and digits are part of an IPv6 address.
  const [unbracketed] = string.gsub(text, "%[[^%]]*%]", "");
  const [port] = string.find(unbracketed, ":%d");
  return { areSeveral: true, hasPort: port !== undefined };
}

const ALONE: Company = { areSeveral: false, hasPort: false };

function parseWord(word: string, before: number, company: Company): Result<Word, "bad_target"> {
  const [origin, rest] = cutPath(word);
  const [address, err, detail] = parseBackend(origin, before);
  if (err !== undefined) return $multi(undefined, err, detail);
  const [path, pathErr, pathDetail] = parseTargetPath(rest, before + origin.length);
  if (pathErr !== undefined) return $multi(undefined, pathErr, pathDetail);
  const [sign] = string.find(origin, ":", 1, true);
  if (company.areSeveral && address.form === "name" && sign === undefined) {
    const [dot] = string.find(address.host, ".", 1, true);
    if (dot === undefined) return refuse(before + 1, DOTLESS, word);
    if (company.hasPort) return refuse(before + 1, PORTLESS, word);
  }
  return $multi({ address, path }, undefined);
}

/** @returns the text up to the first slash after the scheme, and the rest */
function cutPath(word: string): LuaMultiReturn<[origin: string, path: string]> {
  const [withScheme] = string.match(word, "^%a[%w+.-]*://[^/]*");
  const [hostPort = ""] = string.match(word, "^[^/]*");
  const origin = withScheme ?? hostPort;
  return $multi(origin, string.sub(word, origin.length + 1));
}

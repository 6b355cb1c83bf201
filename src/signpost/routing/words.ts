import type { Result } from "../result";
import { type Address, printAddress } from "./address";
import { parseBackend } from "./backend";
import { refuse } from "./complaint";

const DOTLESS = "a port after a name without a dot, where there are several addresses";

const PORTLESS = "a port after a name, where another address has one";

/** What the words of a text have in common. */
interface Company {
  readonly areSeveral: boolean;
  /** Whether one of them says its port. */
  readonly hasPort: boolean;
}

/**
 * Reads addresses with blanks, or one comma, or both between them. A slash at the end of each is ignored.
 *
 * Among several, a word that has neither port nor scheme might be meant for something else, such as nginx's `backup` or
 * the Host to send. So it is refused if it has no dot, or if another word has a port.
 *
 * @param text begins and ends with no blank
 * @param before how many bytes stand before it in the text that a complaint counts from
 * @param maxBytes how long they may be when each is printed with its port
 * @returns at least one, in the order written; `bad_target` with the place, what was expected and what was there
 */
export function parseWords(text: string, before: number, maxBytes: number): Result<readonly Address[], "bad_target"> {
  const company = companyIn(text);
  const addresses: Address[] = [];
  let start = 1;
  let printedBytes = 0;
  // The comma added at the end gives every address a separator after it, and a comma already there an empty address.
  for (const [word = "", separator = ""] of string.gmatch(`${text},`, "([^ \t,]*)([ \t]*[ \t,][ \t]*)")) {
    const beforeWord = before + start - 1;
    if (word === "") return refuse(beforeWord + 1, "an address", string.sub(text, start));
    const [address, err, detail] = parseWord(word, beforeWord, company);
    if (err !== undefined) return $multi(undefined, err, detail);
    printedBytes += printAddress(address).length + 1;
    if (printedBytes > maxBytes + 1) {
      return refuse(beforeWord + 1, `no more than ${maxBytes} bytes of addresses, each with its port`, word);
    }
    addresses.push(address);
    start += word.length + separator.length;
  }
  return $multi(addresses, undefined);
}

function companyIn(text: string): Company {
  const [separator] = string.find(text, "[ \t,]");
  if (separator === undefined) return ALONE;
  // In brackets, a colon and digits are part of an IPv6 address.
  const [unbracketed] = string.gsub(text, "%[[^%]]*%]", "");
  const [port] = string.find(unbracketed, ":%d");
  return { areSeveral: true, hasPort: port !== undefined };
}

const ALONE: Company = { areSeveral: false, hasPort: false };

function parseWord(word: string, before: number, company: Company): Result<Address, "bad_target"> {
  const [written = ""] = string.match(word, "^(.-)/?$");
  const [address, err, detail] = parseBackend(written, before);
  if (err !== undefined) return $multi(undefined, err, detail);
  const [sign] = string.find(written, ":", 1, true);
  if (company.areSeveral && address.form === "name" && sign === undefined) {
    const [dot] = string.find(address.host, ".", 1, true);
    if (dot === undefined) return refuse(before + 1, DOTLESS, word);
    if (company.hasPort) return refuse(before + 1, PORTLESS, word);
  }
  return $multi(address, undefined);
}

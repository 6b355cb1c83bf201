import type { Result } from "../result";
import { refuse } from "../text/complaint";

const NAME_BYTES = 253;
const LABEL_BYTES = 63;
const LABEL = `a label of 1 to ${LABEL_BYTES} bytes that neither starts nor ends with -`;

/**
 * Reads a DNS name: labels of letters, digits, `-` and `_`, joined by dots, at most 253 bytes.
 *
 * @param name the whole name and nothing else
 * @param before bytes before it in the full text; error positions count from the start of the full text
 * @returns the name in lower case; `bad_target` with the position of the first error
 */
export function parseHostName(name: string, before: number): Result<string, "bad_target"> {
  if (name === "") return refuse(before + 1, "a host", name);
  const [alien] = string.find(name, "[^A-Za-z0-9._-]");
  if (alien !== undefined) {
    return refuse(before + alien, "a letter, digit, dot, - or _ in a host name", string.sub(name, alien));
  }
  if (name.length > NAME_BYTES) return refuse(before + 1, `a host name of at most ${NAME_BYTES} bytes`, name);
  let labelStart = 1;
  for (const [label = ""] of string.gmatch(`${name}.`, "([^.]*)%.")) {
    if (!isLabel(label)) return refuse(before + labelStart, LABEL, string.sub(name, labelStart));
    labelStart += label.length + 1;
  }
  // nginx reads an address that begins with "unix:" as a socket path: unix:80 would be the file named 80.
  const lower = string.lower(name);
  if (lower === "unix") return refuse(before + 1, "a host name other than unix", name);
  return $multi(lower, undefined);
}

/** Whether the text between two dots is a valid label; its bytes are already checked. */
function isLabel(text: string): boolean {
  return text !== "" && text.length <= LABEL_BYTES && string.sub(text, 1, 1) !== "-" && string.sub(text, -1) !== "-";
}

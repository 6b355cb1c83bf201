import type { Result } from "../result";
import { refuse } from "../text/complaint";

const NAME_BYTES = 253;
const LABEL_BYTES = 63;
const LABEL = `a label of 1 to ${LABEL_BYTES} bytes that neither starts nor ends with -`;

/**
 * A DNS name, in lower case: labels of letters, digits, `-` and `_`, joined by dots, at most 253 bytes.
 *
 * @param name the whole name, nothing around it
 * @param before how many bytes stand before it in the text that a complaint counts from
 * @returns `bad_target` with the place of the first fault
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
  // nginx reads "unix:" at the start of an address as a socket's path: unix:80 would be the file named 80.
  const lower = string.lower(name);
  if (lower === "unix") return refuse(before + 1, "a host name other than unix", name);
  return $multi(lower, undefined);
}

/** Whether a run of allowed bytes between two dots is a label. */
function isLabel(text: string): boolean {
  return text !== "" && text.length <= LABEL_BYTES && string.sub(text, 1, 1) !== "-" && string.sub(text, -1) !== "-";
}

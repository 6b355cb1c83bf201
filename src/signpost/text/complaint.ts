/** The wording of error messages: one form everywhere, so that people and tests can rely on it. */

/** The most bytes of a refused value that a message shows: enough to recognise it, too few to flood a log. */
const SHOWN_BYTES = 40;

/** What a parser in `format/` returns when it refuses its text: the failure half of `Result<T, "bad_target">`. */
export type Refusal = LuaMultiReturn<[value: undefined, err: "bad_target", detail: string]>;

/**
 * Refuses a target. The detail says the position, what was expected and what was found:
 * `byte 10: expected a port from 1 to 65535, got "65536"`.
 *
 * @param position byte offset in the text, from 1
 * @param expected the valid input, as a noun phrase
 * @param got the text found there; empty if there is none
 */
export function refuse(position: number, expected: string, got: string): Refusal {
  const shown = got === "" ? "nothing" : quote(got);
  return $multi(undefined, "bad_target", `byte ${position}: expected ${expected}, got ${shown}`);
}

/**
 * Quotes any bytes so that they are safe to log on one line. The result is in double quotes and shows at most 40 bytes;
 * dots after the closing quote mark a cut. Double quotes, backslashes and bytes other than printable ASCII are written
 * like `\x0A`.
 */
export function quote(text: string): string {
  const [shown] = string.gsub(string.sub(text, 1, SHOWN_BYTES), "[^ !#-Z%[%]^-~]", escapeByte);
  return text.length > SHOWN_BYTES ? `"${shown}"...` : `"${shown}"`;
}

/**
 * Makes any bytes safe to log on one line, without quotes. A byte that is not printable ASCII is written like `\x0A`. A
 * text longer than `maxBytes` is cut there, and dots mark the cut.
 */
export function printable(text: string, maxBytes: number): string {
  const [shown] = string.gsub(string.sub(text, 1, maxBytes), "[^ -~]", escapeByte);
  return text.length > maxBytes ? `${shown}...` : shown;
}

function escapeByte(byte: string): string {
  return string.format("\\x%02X", string.byte(byte));
}

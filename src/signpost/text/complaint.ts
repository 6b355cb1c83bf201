/** How a refusal is worded: one form for every place, so that people and tests can rely on it. */

/** How much of a refused value a complaint shows, in bytes: enough to recognise it, too little to flood a log. */
const SHOWN_BYTES = 40;

/** What a parser in this folder returns when it refuses its text: the second half of `Result<T, "bad_target">`. */
export type Refusal = LuaMultiReturn<[value: undefined, err: "bad_target", detail: string]>;

/**
 * Refuses a target, saying where, what was expected, and what stands there instead:
 * `byte 10: expected a port from 1 to 65535, got "65536"`.
 *
 * @param position byte offset in the text, 1-based
 * @param expected what would have been right: a noun phrase
 * @param got what stands there; empty when nothing does
 */
export function refuse(position: number, expected: string, got: string): Refusal {
  const shown = got === "" ? "nothing" : quote(got);
  return $multi(undefined, "bad_target", `byte ${position}: expected ${expected}, got ${shown}`);
}

/**
 * Any bytes, safe to log on one line: in double quotes, cut to 40 bytes (dots after the closing quote say so), and
 * every byte that is not printable ASCII, or is a quote or a backslash, written like `\x0A`.
 */
export function quote(text: string): string {
  const [shown] = string.gsub(string.sub(text, 1, SHOWN_BYTES), "[^ !#-Z%[%]^-~]", escapeByte);
  return text.length > SHOWN_BYTES ? `"${shown}"...` : `"${shown}"`;
}

/**
 * Any bytes, safe to log on one line, without quotes: every byte that is not printable ASCII is written like `\x0A`. A
 * longer text is cut after `maxBytes`, and dots say so.
 */
export function printable(text: string, maxBytes: number): string {
  const [shown] = string.gsub(string.sub(text, 1, maxBytes), "[^ -~]", escapeByte);
  return text.length > maxBytes ? `${shown}...` : shown;
}

function escapeByte(byte: string): string {
  return string.format("\\x%02X", string.byte(byte));
}

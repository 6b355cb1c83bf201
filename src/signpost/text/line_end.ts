const BLANK = 32;

/**
 * Removes the white space at the end of a text if a line end is in it, as `echo 10.0.0.5 | redis-cli -x` leaves one.
 */
export function withoutLineEnd(text: string): string {
  // Fast path: most texts need no change. LuaJIT compiles `string.byte`; it does not compile a pattern search.
  if ((string.byte(text, -1) ?? BLANK) > BLANK) return text;
  const [lines] = string.find(text, "[\r\n][ \t\r\n]*$");
  return lines === undefined ? text : withoutEnd(text);
}

/** @returns the text without the blanks and line ends at its end. */
export function withoutEnd(text: string): string {
  const [trimmed = ""] = string.match(text, "^(.*[^ \t\r\n])");
  return trimmed;
}

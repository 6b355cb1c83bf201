const BLANK = 32;

/** @returns the text without the line ends, and blanks among them, that `echo 10.0.0.5 | redis-cli -x` and its like leave. */
export function withoutLineEnd(text: string): string {
  // Nearly every text is as it should be. LuaJIT compiles a look at a byte, and not a search for a pattern.
  if ((string.byte(text, -1) ?? BLANK) > BLANK) return text;
  const [lines] = string.find(text, "[\r\n][ \t\r\n]*$");
  return lines === undefined ? text : withoutEnd(text);
}

/** @returns the text without blanks and line ends after it. */
export function withoutEnd(text: string): string {
  const [trimmed = ""] = string.match(text, "^(.*[^ \t\r\n])");
  return trimmed;
}

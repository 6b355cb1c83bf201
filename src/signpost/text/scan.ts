/** Whether a Lua pattern is found in `text`. */
export function matches(text: string, pattern: string): boolean {
  const [from] = string.find(text, pattern);
  return from !== undefined;
}

/** The decimal number `text` is, without sign or leading zeros; nothing if it is none or not from `min` to `max`. */
export function wholeNumber(text: string, min: number, max: number): number | undefined {
  if (text !== "0" && !matches(text, "^[1-9]%d*$")) return undefined;
  const value = assert(tonumber(text));
  return value >= min && value <= max ? value : undefined;
}

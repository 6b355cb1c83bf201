const ZERO = 48;
const NINE = 57;

/** Whether `text` contains a match of a Lua pattern. */
export function matches(text: string, pattern: string): boolean {
  const [from] = string.find(text, pattern);
  return from !== undefined;
}

/**
 * The decimal number in `text`, without sign or leading zeros; nothing if it is not one, or not from `min` to `max`.
 */
export function wholeNumber(text: string, min: number, max: number): number | undefined {
  if (text !== "0" && !matches(text, "^[1-9]%d*$")) return undefined;
  const value = assert(tonumber(text));
  return value >= min && value <= max ? value : undefined;
}

/** Whether a text contains only digits. LuaJIT compiles this loop; it does not compile a pattern search. */
export function areDigits(text: string): boolean {
  for (const i of $range(1, text.length)) {
    const byte = string.byte(text, i);
    if (byte < ZERO || byte > NINE) return false;
  }
  return true;
}

/**
 * @returns `count` bytes that nobody can guess, in hexadecimal digits; nothing if the system gives none. Does not
 * block.
 */
export function randomHex(count: number): string | undefined {
  const [file] = io.open("/dev/urandom", "rb");
  const bytes = file?.read(count);
  file?.close();
  if (bytes === undefined) {
    return undefined;
  }
  let digits = "";
  for (const i of $range(1, bytes.length)) {
    digits += string.format("%02x", string.byte(bytes, i));
  }
  return digits;
}

/**
 * Makes a generator of random numbers. `math.random` belongs to the whole nginx worker: seeding it would change the
 * numbers that other modules get.
 *
 * Xorshift with 32 bits (Marsaglia, "Xorshift RNGs", 2003): its numbers repeat after 2^32 - 1. Good enough to spread
 * load; not for secrets.
 *
 * @param seed any 32 bits; seeds that differ in one bit give numbers that differ from the first on
 * @returns numbers from 0 up to, not including, 1
 */
export function newRandom(seed: number): (this: void) => number {
  let bits = seed | 0;
  // Xorshift never leaves 0.
  if (bits === 0) bits = 0x9e3779b9 | 0;

  const next = () => {
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    bits ^= bits << 5;
    return (bits + 0x80000000) / 0x100000000;
  };
  // The first few numbers of neighbouring seeds are alike.
  for (const _ of $range(1, 16)) next();
  return next;
}

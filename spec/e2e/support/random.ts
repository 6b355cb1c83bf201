/** Numbers that a seed brings again. */
export interface Seeded {
  /** What `SEED` in the environment said, or else another one each time. */
  readonly seed: number;
  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
}

/** Starts a sequence of numbers by chance, and prints its seed: `SEED=… make e2e` brings the same again. */
export function seeded(): Seeded {
  const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
  console.log(`SEED=${seed}`);
  let state = seed >>> 0;

  /** A golden-ratio sequence, mixed as splitmix32 does. */
  function next(): number {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  const whole = (least: number, most: number) => least + (next() % (most - least + 1));
  const pick = <T>(from: readonly T[]) => from[whole(0, from.length - 1)] as T;
  return { seed, whole, pick };
}

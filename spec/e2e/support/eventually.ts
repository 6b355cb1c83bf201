import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `check` again and again until it no longer throws.
 *
 * @param check an assertion, or anything that throws while its time has not come
 * @param withinMs how long to try, in milliseconds
 * @returns what `check` returned
 * @throws what `check` threw last, when the time is over
 */
export async function eventually<T>(check: () => T | Promise<T>, withinMs = 5_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(10);
    }
  }
}

/**
 * Gives up on a promise that takes too long.
 *
 * @param promise what is awaited
 * @param withinMs how long to wait, in milliseconds
 * @param what named in the error
 * @throws an Error when the time is over, or what the promise was rejected with
 */
export async function within<T>(promise: Promise<T>, withinMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${withinMs} ms`)), withinMs);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

import { setTimeout as sleep } from "node:timers/promises";

/**
 * How long tests wait for an event, in milliseconds. Only a test that fails waits as long, so this is what a busy machine
 * that is five times slower than a developer's needs, and more.
 */
export const EVENT_WITHIN_MS = 30_000;

/**
 * Runs `check` again and again until it no longer throws.
 *
 * @param check an assertion, or anything that throws while its time has not come
 * @param withinMs how long to try, in milliseconds; {@link EVENT_WITHIN_MS} unless given
 * @returns what `check` returned
 * @throws what `check` threw last, when the time is over
 */
export async function eventually<T>(check: () => T | Promise<T>, withinMs = EVENT_WITHIN_MS): Promise<T> {
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
 * @param what named in the error
 * @param withinMs how long to wait, in milliseconds; {@link EVENT_WITHIN_MS} unless given
 * @throws an Error when the time is over, or what the promise was rejected with
 */
export async function within<T>(promise: Promise<T>, what: string, withinMs = EVENT_WITHIN_MS): Promise<T> {
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

/** Waits, in milliseconds, so that the test can show that something did not happen meanwhile. No event says so. */
export async function quietFor(milliseconds: number): Promise<void> {
  await sleep(milliseconds);
}

/**
 * Waits, in milliseconds, where time itself is what a test is about: a lifetime that must be over, the pace of a load, a
 * backend that is slow. A test that waits for an event uses {@link eventually}; it must hold however late this returns.
 */
export async function timePasses(milliseconds: number): Promise<void> {
  await sleep(milliseconds);
}

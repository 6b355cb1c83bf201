import type { RedisServer } from "../spec/e2e/support/redis_server.js";

const KEYS_IN_ONE_COMMAND = 1000;

/** The name of the nth host, from 1: 25 characters, the same as in hosts.lua. */
export function hostName(n: number): string {
  return `host${String(n).padStart(7, "0")}.bench.example`;
}

/**
 * Gives the first `count` hosts a route, all to the same target.
 *
 * @param prefix of the keys; Signpost's own unless given
 */
export async function writeRoutes(redis: RedisServer, count: number, target: string, prefix = "route:"): Promise<void> {
  for (let first = 1; first <= count; first += 100 * KEYS_IN_ONE_COMMAND) {
    await Promise.all(commands(first, Math.min(count, first + 100 * KEYS_IN_ONE_COMMAND - 1)));
  }

  /** At most 100 commands, sent as one pipeline. */
  function commands(from: number, to: number): Promise<unknown>[] {
    const sent: Promise<unknown>[] = [];
    for (let first = from; first <= to; first += KEYS_IN_ONE_COMMAND) {
      const pairs: string[] = [];
      for (let n = first; n <= Math.min(to, first + KEYS_IN_ONE_COMMAND - 1); n += 1) {
        pairs.push(prefix + hostName(n), target);
      }
      sent.push(redis.command("MSET", ...pairs));
    }
    return sent;
  }
}

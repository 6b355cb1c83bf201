import { Redis } from "../ports";
import { Result } from "../result";
import { commandsFor, REPLIES_PER_KEY } from "./commands";
import { Reading } from "./reading";
import { readingOf } from "./replies";

/** @returns one reading for each name, in their order; or that Redis did not say. Yields. */
export type ReadRoutes = (this: void, names: readonly string[]) => Result<readonly Reading[], "redis_down" | "busy">;

/** Reads routes by name: the key of a name is `prefix` and the name. */
export function routeReader(redis: Redis, prefix: string): ReadRoutes {
  return (names) => {
    const keys: string[] = [];
    for (const name of names) {
      keys.push(prefix + name);
    }
    const [replies, err, detail] = redis.ask(commandsFor(keys));
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    const readings: Reading[] = [];
    for (const i of $range(1, keys.length)) {
      const at = (i - 1) * REPLIES_PER_KEY;
      const [key, typeReply, getReply] = [keys[i - 1], replies[at], replies[at + 1]];
      if (key === undefined || typeReply === undefined || getReply === undefined) {
        return $multi(
          undefined,
          "redis_down",
          `${replies.length} replies to ${keys.length * REPLIES_PER_KEY} commands`,
        );
      }
      const [reading, failure, reason] = readingOf(key, typeReply, getReply);
      if (failure !== undefined) {
        return $multi(undefined, failure, reason);
      }
      readings.push(reading);
    }
    return $multi(readings, undefined);
  };
}

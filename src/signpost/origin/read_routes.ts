import { Redis, RedisCommand, Reply } from "../ports";
import { Result } from "../result";
import { commandsFor, REPLIES_PER_KEY } from "./commands";
import { formsOf } from "./forms";
import { Keys } from "./keys";
import { Reading } from "./reading";
import { FirstReading, firstReading, secondReading } from "./replies";

/** Why there are no readings. */
type Unread = "redis_down" | "busy";

/** @returns one reading for each name, in their order; or that Redis did not say. Yields. */
export type ReadRoutes = (this: void, names: readonly string[]) => Result<readonly Reading[], Unread>;

/** Reads routes and pools by name: in one round trip, and in one more those that are not strings. */
export function routeReader(redis: Redis, keys: Keys): ReadRoutes {
  return (names) => {
    const [firsts, err, detail] = readFirst(names);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    return readRest(names, firsts);
  };

  function readFirst(names: readonly string[]): Result<readonly FirstReading[], Unread> {
    const keysOfAll: string[] = [];
    for (const name of names) {
      keysOfAll.push(keys.keyOf(name));
    }
    const [replies, err, detail] = askAll(commandsFor(keysOfAll));
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    const firsts: FirstReading[] = [];
    for (const i of $range(0, names.length - 1)) {
      const at = i * REPLIES_PER_KEY;
      const [key, forms] = [keysOfAll[i] as string, formsOf(names[i] as string)];
      const [first, failure, reason] = firstReading(key, forms, replies[at] as Reply, replies[at + 1] as Reply);
      if (failure !== undefined) {
        return $multi(undefined, failure, reason);
      }
      firsts.push(first);
    }
    return $multi(firsts, undefined);
  }

  /** Each reading is right by itself: a name's own ticket says whether it has changed since it was asked for. */
  function readRest(names: readonly string[], firsts: readonly FirstReading[]): Result<readonly Reading[], Unread> {
    const commands: RedisCommand[] = [];
    for (const i of $range(0, names.length - 1)) {
      const first = firsts[i];
      if (first?.kind === "unread") {
        commands.push(first.form.command(keys.keyOf(names[i] as string)));
      }
    }
    const [replies, err, detail] = askAll(commands);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    return complete(names, firsts, replies);
  }

  /** @param replies one for each that is unread, in their order */
  function complete(
    names: readonly string[],
    firsts: readonly FirstReading[],
    replies: readonly Reply[],
  ): Result<readonly Reading[], "redis_down"> {
    const readings: Reading[] = [];
    let taken = 0;
    for (const i of $range(0, names.length - 1)) {
      const first = firsts[i] as FirstReading;
      if (first.kind !== "unread") {
        readings.push(first);
        continue;
      }
      const key = keys.keyOf(names[i] as string);
      const [reading, err, detail] = secondReading(key, first.form, replies[taken] as Reply);
      if (err !== undefined) {
        return $multi(undefined, err, detail);
      }
      readings.push(reading);
      taken += 1;
    }
    return $multi(readings, undefined);
  }

  /** @returns a reply for each command. */
  function askAll(commands: readonly RedisCommand[]): Result<readonly Reply[], Unread> {
    if (commands.length === 0) {
      return $multi([], undefined);
    }
    const [replies, err, detail] = redis.ask(commands);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    if (replies.length < commands.length) {
      return $multi(undefined, "redis_down", `${replies.length} replies to ${commands.length} commands`);
    }
    return $multi(replies, undefined);
  }
}

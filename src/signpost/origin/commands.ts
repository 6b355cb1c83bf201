import { RedisCommand } from "../ports";

/** How many replies `commandsFor` brings for each key. */
export const REPLIES_PER_KEY = 2;

/**
 * @returns the commands that read these keys in one round trip: `TYPE` and `GET` of each. A string, by far the most
 * common route, is read by that; of anything else `GET` says WRONGTYPE and `TYPE` what it is.
 */
export function commandsFor(keys: readonly string[]): readonly RedisCommand[] {
  const commands: RedisCommand[] = [];
  for (const key of keys) {
    commands.push(["type", key]);
    commands.push(["get", key]);
  }
  return commands;
}

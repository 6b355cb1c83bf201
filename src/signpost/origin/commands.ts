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

/** @returns prefixes that cover the same keys, none of them with another of them: Redis refuses to track such twice. */
export function coveringPrefixes(one: string, other: string): readonly string[] {
  const [shorter, longer] = one.length <= other.length ? [one, other] : [other, one];
  return string.sub(longer, 1, shorter.length) === shorter ? [shorter] : [shorter, longer];
}

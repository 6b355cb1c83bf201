import { RedisCommand } from "../ports";

/**
 * @returns commands as Redis reads them, one after the other: each an array of strings
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server)
 */
export function encodeCommands(commands: readonly RedisCommand[]): string {
  const pieces: string[] = [];
  for (const command of commands) addCommand(pieces, command);
  return table.concat(pieces);
}

function addCommand(pieces: string[], command: RedisCommand): void {
  pieces.push(`*${command.length}\r\n`);
  for (const word of command) pieces.push(`$${word.length}\r\n${word}\r\n`);
}

/** @returns prefixes that cover the same keys, none of them with another of them: Redis refuses to track such twice. */
export function coveringPrefixes(one: string, other: string): readonly string[] {
  const [shorter, longer] = one.length <= other.length ? [one, other] : [other, one];
  return string.sub(longer, 1, shorter.length) === shorter ? [shorter] : [shorter, longer];
}

import { RedisCommand } from "../ports";

/**
 * @returns commands as Redis reads them: each an array of strings
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

/**
 * @returns the fewest of the prefixes that cover the same keys, the shortest first. None of them begins with another,
 * because Redis refuses to track overlapping prefixes.
 */
export function coveringPrefixes(prefixes: readonly string[]): readonly string[] {
  const covering: string[] = [];
  for (const prefix of shortestFirst(prefixes)) {
    if (!beginsWithOneOf(covering, prefix)) covering.push(prefix);
  }
  return covering;
}

function shortestFirst(texts: readonly string[]): readonly string[] {
  const sorted: string[] = [];
  for (const text of texts) {
    let place = sorted.length;
    while (place > 0 && (sorted[place - 1] ?? "").length > text.length) place -= 1;
    table.insert(sorted, place + 1, text);
  }
  return sorted;
}

function beginsWithOneOf(beginnings: readonly string[], text: string): boolean {
  for (const beginning of beginnings) {
    if (string.sub(text, 1, beginning.length) === beginning) return true;
  }
  return false;
}

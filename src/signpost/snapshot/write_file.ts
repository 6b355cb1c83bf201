import { NewFile, Redis, RedisCommand, Reply } from "../ports";
import { Result } from "../result";
import { printCommand } from "./command_line";

/** What writing a snapshot takes. */
export interface SnapshotParts {
  readonly redis: Redis;
  /** What the keys begin with; none of them with another of them. */
  readonly prefixes: readonly string[];
  /** Lets requests have their turn. False: the snapshot is no longer this worker's to write. Yields. */
  readonly breathe: (this: void) => boolean;
}

/** Why there is no new snapshot. The old one stays as it is. */
export type SnapshotFailure = "redis_down" | "busy" | "file_error" | "given_up";

/** How many keys Redis is asked for at once: milliseconds for either side. */
const BATCH = "100";

/** How a key of one type is read, and written again. */
interface Format {
  readonly read: (this: void, key: string) => RedisCommand;
  readonly write: string;
}

/** The types that can be a route or a pool. */
const FORMATS: Readonly<Record<string, Format | undefined>> = {
  string: { read: (key) => ["get", key], write: "SET" },
  hash: { read: (key) => ["hgetall", key], write: "HSET" },
  list: { read: (key) => ["lrange", key, "0", "-1"], write: "RPUSH" },
  set: { read: (key) => ["smembers", key], write: "SADD" },
};

/**
 * Writes what Redis holds under the prefixes to a file, as Redis commands, one a line: `redis-cli < file` restores it.
 * A key is replaced as a whole (`DEL` first, where the command would only add to it), for SCAN may tell of one twice.
 *
 * @returns how many keys were written. The file is neither published nor discarded.
 */
export function writeSnapshot(file: NewFile, parts: SnapshotParts): Result<number, SnapshotFailure> {
  let keys = 0;
  for (const prefix of parts.prefixes) {
    let cursor: string | undefined = "0";
    while (cursor !== undefined) {
      const [next, err, detail] = copyBatch(prefix, cursor);
      if (err !== undefined) {
        return $multi(undefined, err, detail);
      }
      if (!parts.breathe()) {
        return $multi(undefined, "given_up", "another worker watches Redis now");
      }
      cursor = next === "0" ? undefined : next;
    }
  }
  return $multi(keys, undefined);

  /** @returns SCAN's next cursor. */
  function copyBatch(prefix: string, cursor: string): Result<string, SnapshotFailure> {
    const pattern = `${escapeGlob(prefix)}*`;
    const [replies, err, detail] = parts.redis.ask([["scan", cursor, "match", pattern, "count", BATCH]]);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    const [next, found] = itemsOf(replies[0]);
    if (next?.kind !== "text" || found?.kind !== "list") {
      return $multi(undefined, "redis_down", `SCAN: ${problemOf(replies[0], "a cursor and keys")}`);
    }
    if (found.items.length === 0) {
      return $multi(next.text, undefined);
    }
    const [lines, failure, reason] = readKeys(textsOf(found.items));
    if (failure !== undefined) {
      return $multi(undefined, failure, reason);
    }
    const [, unwritten, problem] = file.write(lines);
    if (unwritten !== undefined) {
      return $multi(undefined, unwritten, problem);
    }
    return $multi(next.text, undefined);
  }

  /** @returns the lines that write these keys again. */
  function readKeys(names: readonly string[]): Result<string, SnapshotFailure> {
    const typesWanted: RedisCommand[] = [];
    for (const name of names) {
      typesWanted.push(["type", name]);
    }
    const [types, err, detail] = parts.redis.ask(typesWanted);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    const formats: (Format | undefined)[] = [];
    const valuesWanted: RedisCommand[] = [];
    for (const i of $range(0, names.length - 1)) {
      const [key, typeReply] = [names[i] as string, types[i]];
      if (typeReply?.kind !== "text") {
        return $multi(undefined, "redis_down", `TYPE ${key}: ${problemOf(typeReply, "a type")}`);
      }
      formats[i] = FORMATS[typeReply.text];
      valuesWanted.push(formats[i]?.read(key) ?? ["type", key]);
    }
    const [values, failure, reason] = parts.redis.ask(valuesWanted);
    if (failure !== undefined) {
      return $multi(undefined, failure, reason);
    }
    const lines: string[] = [];
    for (const i of $range(0, names.length - 1)) {
      const key = names[i] as string;
      const problem = printKey(lines, key, formats[i], values[i]);
      if (problem !== undefined) {
        return $multi(undefined, "redis_down", `${key}: ${problem}`);
      }
    }
    return $multi(table.concat(lines), undefined);
  }

  /** A key that has changed its type or gone since it was asked for will be said to have changed, and is left out. */
  function printKey(lines: string[], key: string, format: Format | undefined, value: Reply | undefined) {
    if (value === undefined) {
      return problemOf(value, "a value");
    }
    if (format === undefined || value.kind === "nil") {
      return undefined;
    }
    if (value.kind === "error") {
      const [changed] = string.find(value.message, "^WRONGTYPE");
      return changed === undefined ? value.message : undefined;
    }
    const words = [format.write, key];
    if (value.kind === "text") {
      words.push(value.text);
    } else {
      if (value.items.length === 0) {
        return undefined;
      }
      lines.push(`${printCommand(["DEL", key])}\n`);
      for (const item of textsOf(value.items)) {
        words.push(item);
      }
    }
    lines.push(`${printCommand(words)}\n`);
    keys += 1;
    return undefined;
  }
}

function textsOf(replies: readonly Reply[]): readonly string[] {
  const texts: string[] = [];
  for (const reply of replies) {
    texts.push(textOf(reply));
  }
  return texts;
}

function textOf(reply: Reply | undefined): string {
  return reply?.kind === "text" ? reply.text : "";
}

function itemsOf(reply: Reply | undefined): readonly Reply[] {
  return reply?.kind === "list" ? reply.items : [];
}

function problemOf(reply: Reply | undefined, expected: string): string {
  return reply?.kind === "error" ? reply.message : `expected ${expected}`;
}

/** @returns the text for a SCAN pattern that means nothing but itself. */
function escapeGlob(text: string): string {
  const [escaped] = string.gsub(text, "[%*%?%[%]\\]", "\\%0");
  return escaped;
}

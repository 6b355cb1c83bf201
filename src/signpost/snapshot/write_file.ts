import { MOST_ITEMS, ReadValues, Value, WantedKey } from "../redis/read_values";
import { problemOf } from "../redis/replies";
import { Log, NewFile, Redis, Reply } from "../ports";
import { Result } from "../result";
import { quote } from "../text/complaint";
import { POOL_BYTES } from "../format/pool_definition";
import { printCommand } from "./command_line";

/** What writing a snapshot takes. */
export interface SnapshotParts {
  readonly redis: Redis;
  readonly readValues: ReadValues;
  readonly log: Log;
  /** What the keys begin with; none of them with another of them. */
  readonly prefixes: readonly string[];
  /** Lets requests have their turn. False: the snapshot is no longer this worker's to write. Yields. */
  readonly breathe: (this: void) => boolean;
}

/** Why there is no new snapshot. The old one stays as it is. */
export type SnapshotFailure = "redis_down" | "busy" | "file_error" | "given_up";

/** How many keys Redis is asked for at once: milliseconds for either side. */
const BATCH = "100";

/** What lines of the log are about that say what stays out. */
const LEFT_OUT = "not in the snapshot";

/** The longest name of a key that is looked at, bytes: longer than that of any route or pool. */
const NAME_BYTES = 1_024;

/** How the items of a type are written again. */
const WRITES = { hash: "HSET", list: "RPUSH", set: "SADD" } as const;

/**
 * Writes what Redis holds under the prefixes to a file, as Redis commands, one a line: `redis-cli < file` restores it.
 * A key is replaced as a whole (`DEL` first, where the command would only add to it), for SCAN may tell of one twice.
 *
 * A value beyond the limits of `read_values`, or that may not be read, stays out, and the log says so. The file then ends
 * with a line that is no route: who loads it knows that it is not all that Redis held. (`redis-cli` prints it.)
 *
 * @returns how many keys were written. The file is neither published nor discarded.
 */
export function writeSnapshot(file: NewFile, parts: SnapshotParts): Result<number, SnapshotFailure> {
  let keys = 0;
  let leftOut = 0;
  let example = "";
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
  const [, failure, reason] = noteLeftOut();
  if (failure !== undefined) {
    return $multi(undefined, failure, reason);
  }
  return $multi(keys, undefined);

  function noteLeftOut(): Result<true, SnapshotFailure> {
    if (leftOut === 0) {
      return $multi(true, undefined);
    }
    const note = `${leftOut} keys are not in the snapshot, such as ${example}`;
    parts.log.warn(note, LEFT_OUT);
    return file.write(`${printCommand(["ECHO", note])}\n`);
  }

  /** @returns SCAN's next cursor. */
  function copyBatch(prefix: string, cursor: string): Result<string, SnapshotFailure> {
    const pattern = `${escapeGlob(prefix)}*`;
    const [replies, err, detail] = parts.redis.ask([["scan", cursor, "match", pattern, "count", BATCH]], NAME_BYTES);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    const [next, found] = itemsOf(replies[0]);
    if (next?.kind !== "text" || found?.kind !== "list") {
      return $multi(undefined, "redis_down", `SCAN: ${problemOf(replies[0], "a cursor and keys")}`);
    }
    const names = textsOf(found.items);
    if (names.length === 0) {
      return $multi(next.text, undefined);
    }
    const [lines, failure, reason] = readKeys(prefix, names);
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
  function readKeys(prefix: string, names: readonly string[]): Result<string, SnapshotFailure> {
    const wanted: WantedKey[] = [];
    for (const key of names) wanted.push({ key, stringBytes: POOL_BYTES, prefix });
    const [values, err, detail] = parts.readValues(wanted);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    const lines: string[] = [];
    for (const i of $range(0, names.length - 1)) {
      const [key, value] = [names[i] as string, values[i] as Value];
      // Not of this key alone: without such a right the file would hold less than the last one.
      if (value.kind === "forbidden") {
        return $multi(undefined, "redis_down", `${quote(key)}: ${value.reason}`);
      }
      printKey(lines, key, value);
    }
    return $multi(table.concat(lines), undefined);
  }

  /** A key that has changed its type or gone since it was asked for will be said to have changed, and is left out. */
  function printKey(lines: string[], key: string, value: Value): void {
    if (value.kind === "text" && value.text.length <= POOL_BYTES) {
      lines.push(`${printCommand(["SET", key, value.text])}\n`);
      keys += 1;
    } else if (value.kind === "items") {
      const words: string[] = [WRITES[value.type], key];
      for (const item of value.items) words.push(item);
      lines.push(`${printCommand(["DEL", key])}\n`);
      lines.push(`${printCommand(words)}\n`);
      keys += 1;
    } else {
      const reason = reasonOf(value);
      if (reason === undefined) return;
      leftOut += 1;
      example = `${quote(key)}: ${reason}`;
    }
  }
}

/** @returns why a value is missed in the file; nothing for what never is a route or a pool. */
function reasonOf(value: Value): string | undefined {
  if (value.kind === "text") return `expected no more than ${POOL_BYTES} bytes`;
  if (value.kind === "too_many") return `expected no more than ${MOST_ITEMS} items, got ${value.count}`;
  return value.kind === "too_large" || value.kind === "refused" ? value.reason : undefined;
}

/** @returns the texts of a list, without those that were passed over: no route and no pool has so long a name. */
function textsOf(replies: readonly Reply[]): readonly string[] {
  const texts: string[] = [];
  for (const reply of replies) {
    if (reply.kind === "text") texts.push(reply.text);
  }
  return texts;
}

function itemsOf(reply: Reply | undefined): readonly Reply[] {
  return reply?.kind === "list" ? reply.items : [];
}

/** @returns the text for a SCAN pattern that means nothing but itself. */
function escapeGlob(text: string): string {
  const [escaped] = string.gsub(text, "[%*%?%[%]\\]", "\\%0");
  return escaped;
}

import { MOST_ITEMS, ReadValues, Value, WantedKey } from "../redis/read_values";
import { problemOf } from "../redis/replies";
import { Log, NewFile, Redis, Reply } from "../ports";
import { Result } from "../result";
import { quote } from "../text/complaint";
import { POOL_BYTES } from "../format/pool_definition";
import { printCommand } from "./command_line";

/** The parts that `writeSnapshot` needs. */
export interface SnapshotParts {
  readonly redis: Redis;
  readonly readValues: ReadValues;
  readonly log: Log;
  /** The prefixes of the keys to write. No prefix begins with another. */
  readonly prefixes: readonly string[];
  /** Lets the worker serve requests. False: this worker must no longer write the snapshot. Yields. */
  readonly breathe: (this: void) => boolean;
}

/** Why there is no new snapshot. The old one stays unchanged. */
export type SnapshotFailure = "redis_down" | "busy" | "file_error" | "given_up";

/** The COUNT of each SCAN. A batch of this size takes Redis and the worker milliseconds each. */
const BATCH = "100";

/** The log subject of messages about keys that are left out. */
const LEFT_OUT = "not in the snapshot";

/** The longest key that is read, bytes. The keys of all routes and pools are shorter. */
const NAME_BYTES = 1_024;

/** The command that writes the items of each type. */
const WRITES = { hash: "HSET", list: "RPUSH", set: "SADD" } as const;

/** A snapshot being written. */
interface Draft {
  readonly file: NewFile;
  readonly parts: SnapshotParts;
  /** Keys written so far. */
  keys: number;
  /** Keys left out so far. */
  leftOut: number;
  /** The last key that was left out, and why. */
  example: string;
}

/**
 * Writes what Redis holds under the prefixes to a file of Redis commands, one per line. `redis-cli < file` restores it.
 * Each key is written as a whole, because SCAN may return it twice: `DEL` comes first where the command would only add
 * to the key.
 *
 * A value is left out if it exceeds the limits of `read_values` or if this user may not read its key. The log says so,
 * and the file then ends with a line that is no route, which tells its reader that the file is incomplete. (`redis-cli`
 * prints that line.)
 *
 * @returns how many keys were written. The file is neither published nor discarded.
 */
export function writeSnapshot(file: NewFile, parts: SnapshotParts): Result<number, SnapshotFailure> {
  const draft: Draft = { file, parts, keys: 0, leftOut: 0, example: "" };
  for (const i of $range(0, parts.prefixes.length - 1)) {
    const [, err, detail] = copyPrefix(draft, parts.prefixes[i] as string);
    if (err !== undefined) return $multi(undefined, err, detail);
  }
  const [, failure, reason] = noteLeftOut(draft);
  if (failure !== undefined) return $multi(undefined, failure, reason);
  return $multi(draft.keys, undefined);
}

function copyPrefix(draft: Draft, prefix: string): Result<true, SnapshotFailure> {
  let cursor = "0";
  do {
    const [next, err, detail] = copyBatch(draft, prefix, cursor);
    if (err !== undefined) return $multi(undefined, err, detail);
    if (!draft.parts.breathe()) return $multi(undefined, "given_up", "another worker watches Redis now");
    cursor = next;
  } while (cursor !== "0");
  return $multi(true, undefined);
}

/** @returns SCAN's next cursor; `0` after the last batch. */
function copyBatch(draft: Draft, prefix: string, cursor: string): Result<string, SnapshotFailure> {
  const pattern = `${escapeGlob(prefix)}*`;
  const [replies, err, detail] = draft.parts.redis.ask(
    [["scan", cursor, "match", pattern, "count", BATCH]],
    NAME_BYTES,
  );
  if (err !== undefined) return $multi(undefined, err, detail);
  const [next, found] = itemsOf(replies[0]);
  if (next?.kind !== "text" || found?.kind !== "list") {
    return $multi(undefined, "redis_down", `SCAN: ${problemOf(replies[0], "a cursor and keys")}`);
  }
  const names = textsOf(found.items);
  if (names.length === 0) return $multi(next.text, undefined);
  const [lines, failure, reason] = readKeys(draft, prefix, names);
  if (failure !== undefined) return $multi(undefined, failure, reason);
  const [, unwritten, problem] = draft.file.write(lines);
  if (unwritten !== undefined) return $multi(undefined, unwritten, problem);
  return $multi(next.text, undefined);
}

/** @returns the lines that restore these keys. */
function readKeys(draft: Draft, prefix: string, names: readonly string[]): Result<string, SnapshotFailure> {
  const [values, err, detail] = draft.parts.readValues(wantedKeys(prefix, names));
  if (err !== undefined) return $multi(undefined, err, detail);
  const lines: string[] = [];
  for (const i of $range(0, names.length - 1)) {
    const [key, value] = [names[i] as string, values[i] as Value];
    // The user may read no key of this type, so the new file would hold less than the old one.
    if (value.kind === "forbidden") return $multi(undefined, "redis_down", `${quote(key)}: ${value.reason}`);
    printKey(draft, lines, key, value);
  }
  return $multi(table.concat(lines), undefined);
}

function wantedKeys(prefix: string, names: readonly string[]): readonly WantedKey[] {
  const wanted: WantedKey[] = [];
  for (const key of names) wanted.push({ key, stringBytes: POOL_BYTES, prefix });
  return wanted;
}

/**
 * Adds the lines that write a key. A key that has gone or changed its type since SCAN returned it adds none, because
 * Redis will push that change.
 */
function printKey(draft: Draft, lines: string[], key: string, value: Value): void {
  if (value.kind === "text" && value.text.length <= POOL_BYTES) {
    lines.push(`${printCommand(["SET", key, value.text])}\n`);
    draft.keys += 1;
  } else if (value.kind === "items") {
    const words: string[] = [WRITES[value.type], key];
    for (const item of value.items) words.push(item);
    lines.push(`${printCommand(["DEL", key])}\n`);
    lines.push(`${printCommand(words)}\n`);
    draft.keys += 1;
  } else {
    const reason = reasonOf(value);
    if (reason === undefined) return;
    draft.leftOut += 1;
    draft.example = `${quote(key)}: ${reason}`;
  }
}

/** Notes in the log and at the end of the file that keys were left out. */
function noteLeftOut(draft: Draft): Result<true, SnapshotFailure> {
  if (draft.leftOut === 0) return $multi(true, undefined);
  const note = `${draft.leftOut} keys are not in the snapshot, such as ${draft.example}`;
  draft.parts.log.warn(note, LEFT_OUT);
  return draft.file.write(`${printCommand(["ECHO", note])}\n`);
}

/** @returns why a value is left out; nothing for a value that is neither a route nor a pool. */
function reasonOf(value: Value): string | undefined {
  if (value.kind === "text") return `expected no more than ${POOL_BYTES} bytes`;
  if (value.kind === "too_many") return `expected no more than ${MOST_ITEMS} items, got ${value.count}`;
  if (value.kind === "too_large" || value.kind === "refused") return value.reason;
  return undefined;
}

/** @returns the texts of a list, except those that were too long to read: no route or pool has such a key. */
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

/** @returns a pattern for SCAN that matches this text and no other. */
function escapeGlob(text: string): string {
  const [escaped] = string.gsub(text, "[%*%?%[%]\\]", "\\%0");
  return escaped;
}

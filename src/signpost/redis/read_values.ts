import { Redis, RedisCommand, Reply } from "../ports";
import { Result } from "../result";
import { printable } from "../text/complaint";
import { isError, isRefused, isWrongType, problemOf, textsOf } from "./replies";
import { BoundingCommand, Rights } from "./rights";
import { NextStep, Step, step, takeSteps, Unread } from "./steps";

/** A type of Redis that can be a route or a pool, besides string. */
export type ItemsType = "hash" | "list" | "set";

/** A key to read. */
export interface WantedKey {
  readonly key: string;
  /** The longest string it may hold, bytes. One byte more than that is read, to see that a string is longer. */
  readonly stringBytes: number;
  /** The prefix of all keys of its space. A user who may not read the prefix itself as a key may read none of them. */
  readonly prefix: string;
}

/**
 * What a key holds. All kinds but `text`, `items` and `absent` say why its value is not known, and concern only this
 * key.
 */
export type Value =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "items"; readonly type: ItemsType; readonly items: readonly string[] }
  | { readonly kind: "absent" }
  /** It has more items than `MOST_ITEMS`; `count` may be too low. */
  | { readonly kind: "too_many"; readonly type: ItemsType; readonly count: number }
  | { readonly kind: "too_large"; readonly reason: string }
  | { readonly kind: "other_type"; readonly reason: string }
  /** This user may not read it, but may read others. */
  | { readonly kind: "refused"; readonly reason: string }
  /** This user may not run the command that reads a key of its type. */
  | { readonly kind: "forbidden"; readonly reason: string }
  /** It changed while it was read. It is read again at the push of its next change, or at the next refresh. */
  | { readonly kind: "changed"; readonly reason: string };

/** @returns one value for each key, in their order; or why Redis did not tell. Yields. */
export type ReadValues = (this: void, keys: readonly WantedKey[]) => Result<readonly Value[], Unread>;

/**
 * The most items (of a hash: fields) that are asked for. No route or pool may have as many, so a value that is only a
 * little too large is still read, and refused with the exact place.
 */
export const MOST_ITEMS = 2048;

/**
 * The most memory a hash, list or set may take in Redis, bytes. It bounds the text, which counts alone cannot: a field
 * may hold 512 MB. A legal pool of 65,536 bytes in 1,041 fields takes 0.15 to 0.3 MB there, depending on the age of
 * the server and of its hash table. The rest is room for servers that need more.
 */
const MOST_MEMORY = 1_048_576;

/** The commands that ask for the size and the items of a type. */
interface ItemsCommands {
  readonly count: BoundingCommand;
  readonly counted: string;
  readonly all: (this: void, key: string) => RedisCommand;
}

const COMMANDS: Readonly<Record<ItemsType, ItemsCommands>> = {
  hash: { count: "hlen", counted: "fields", all: (key) => ["hgetall", key] },
  list: { count: "llen", counted: "items", all: (key) => ["lrange", key, "0", `${MOST_ITEMS}`] },
  set: { count: "scard", counted: "members", all: (key) => ["smembers", key] },
};

type Next = NextStep<Value>;

const ABSENT: Value = { kind: "absent" };
const CHANGED: Value = { kind: "changed", reason: "it changed its type while it was read" };

/**
 * Reads keys side by side: strings in one round trip; hashes, lists and sets in two more. The first of these asks how
 * large they are.
 *
 * Invariants: Redis is never asked for more than the limits above, if the user may run the commands that bound it; if
 * not, the reader of replies cuts off larger ones. A fault of one key is that key's value, never a failure of Redis.
 * Only a nil, `none` or an empty list in the last reply about a key means that there is no such key.
 */
export function valueReader(redis: Redis, rights: Rights): ReadValues {
  return (keys) => {
    const states: (Value | Step<Value>)[] = [];
    for (const wanted of keys) states.push(readString(rights, wanted, false));
    const [values, err, detail] = takeSteps(redis, states);
    if (err !== undefined) return $multi(undefined, err, detail);
    return checkRights(redis, keys, values);
  };
}

/** Reports `redis_down` for a user who may read no key of the space, because Redis then tells nothing. */
function checkRights(
  redis: Redis,
  keys: readonly WantedKey[],
  values: readonly Value[],
): Result<readonly Value[], Unread> {
  const [wanted, first] = [keys[0], values[0]];
  if (wanted === undefined || first?.kind !== "refused" || !isEachRefused(values)) return $multi(values, undefined);
  const [replies, err, detail] = redis.ask([["get", wanted.prefix]]);
  if (err !== undefined) return $multi(undefined, err, detail);
  if (!isRefused(replies[0])) return $multi(values, undefined);
  return $multi(undefined, "redis_down", `${printable(wanted.key, 300)}: ${first.reason}`);
}

/** @param isAgain whether `TYPE` has already said that it is a string, or is refused */
function readString(rights: Rights, wanted: WantedKey, isAgain: boolean): Step<Value> {
  if (!rights.allows("getrange")) return readWholeString(rights, wanted, isAgain);
  const { key, stringBytes } = wanted;
  // GETRANGE also returns "" if there is no key: the TYPE after it tells the two apart.
  const commands: RedisCommand[] = [
    ["getrange", key, "0", `${stringBytes}`],
    ["type", key],
  ];
  return step(commands, (replies) => {
    const [text, type] = replies;
    if (text?.kind === "text" && text.text !== "") return value(text);
    if (isRefused(text)) {
      return more(readWholeString(rights, wanted, isAgain, () => rights.lacks("getrange")));
    }
    if (text?.kind !== "text" && !isWrongType(text)) return down("GETRANGE", key, text, "a text");
    if (isRefused(type)) return more(readWholeString(rights, wanted, true));
    return byType(rights, wanted, type, isAgain, text);
  });
}

/** @param permitted called if Redis permits this command: then it refused the earlier one itself, not the key */
function readWholeString(
  rights: Rights,
  wanted: WantedKey,
  isAgain: boolean,
  permitted?: (this: void) => void,
): Step<Value> {
  const { key, stringBytes } = wanted;
  const commands: RedisCommand[] = [
    ["get", key],
    ["type", key],
  ];
  return step(commands, (replies) => {
    const [text, type] = replies;
    if (isRefused(text)) return refused(key, text, type);
    permitted?.();
    if (text?.kind === "nil") return value(ABSENT);
    if (text?.kind === "text") return value(text);
    if (text?.kind === "oversized") return value(tooLarge(`${stringBytes} bytes`, text.detail));
    if (!isWrongType(text)) return down("GET", key, text, "a text");
    if (isRefused(type)) return value({ kind: "forbidden", reason: `TYPE: ${problemOf(type, "")}` });
    return byType(rights, wanted, type, isAgain, text);
  });
}

/** Decides by the reply to `TYPE`, which is newer than the reply before it. */
function byType(
  rights: Rights,
  wanted: WantedKey,
  reply: Reply | undefined,
  isAgain: boolean,
  said: Reply | undefined,
): Next {
  if (reply?.kind !== "text") return down("TYPE", wanted.key, reply, "a type");
  const type = reply.text;
  if (type === "none") return value(ABSENT);
  if (type === "string") {
    // It is empty, or has just become a string.
    if (!isAgain) return more(readString(rights, wanted, true));
    return value(said?.kind === "text" ? said : CHANGED);
  }
  if (COMMANDS[type as ItemsType] !== undefined) return more(measure(rights, wanted.key, type as ItemsType));
  return value(unlikeAny(`a ${printable(type, 40)}`));
}

function measure(rights: Rights, key: string, type: ItemsType): Step<Value> {
  const { count } = COMMANDS[type];
  const counts = rights.allows(count);
  const commands: RedisCommand[] = [];
  if (counts) commands.push([count, key]);
  // SAMPLES: Redis adds up this many elements, and takes the others to be like them. A value with no more elements is
  // measured exactly; of a million elements, Redis looks only at this many.
  if (rights.allows("memory")) commands.push(["memory", "usage", key, "samples", `${MOST_ITEMS}`]);
  if (commands.length === 0) return readItems(key, type);
  return step(commands, (replies) => {
    if (counts) {
      const [size, err, detail] = sizeFrom(rights, replies[0], count, key);
      if (err !== undefined) return $multi(undefined, err, detail);
      if (size > MOST_ITEMS) return value({ kind: "too_many", type, count: size });
    }
    if (commands.length > (counts ? 1 : 0)) {
      const [bytes, err, detail] = sizeFrom(rights, replies[commands.length - 1], "memory", key);
      if (err !== undefined) return $multi(undefined, err, detail);
      if (bytes > MOST_MEMORY) return value(tooLarge(`${MOST_MEMORY} bytes of memory in Redis`, `${bytes}`));
    }
    return more(readItems(key, type));
  });
}

/** @returns 0 if there is no value of this type, or if its size is not known. */
function sizeFrom(
  rights: Rights,
  reply: Reply | undefined,
  command: BoundingCommand,
  key: string,
): Result<number, "redis_down"> {
  // ERR: some servers have no MEMORY USAGE, or do not know SAMPLES.
  if (isRefused(reply) || isError(reply, "ERR")) {
    rights.lacks(command);
    return $multi(0, undefined);
  }
  if (reply?.kind === "nil" || isWrongType(reply)) return $multi(0, undefined);
  const size = reply?.kind === "text" ? tonumber(reply.text) : undefined;
  if (size === undefined) return down(string.upper(command), key, reply, "a number");
  return $multi(size, undefined);
}

function readItems(key: string, type: ItemsType): Step<Value> {
  const { all, counted } = COMMANDS[type];
  const command = all(key);
  const verb = string.upper(command[0]);
  return step([command], (replies) => {
    const [reply] = replies;
    if (isWrongType(reply)) return value(CHANGED);
    if (isRefused(reply)) return value({ kind: "forbidden", reason: `${verb}: ${problemOf(reply, "")}` });
    if (reply?.kind === "oversized") {
      return value(tooLarge(`${MOST_ITEMS} ${counted} and ${MOST_MEMORY} bytes`, reply.detail));
    }
    const items = textsOf(reply);
    if (items === undefined) return down(verb, key, reply, "a list of texts");
    const count = type === "hash" ? items.length / 2 : items.length;
    if (count > MOST_ITEMS) return value({ kind: "too_many", type, count });
    return value(count === 0 ? ABSENT : { kind: "items", type, items });
  });
}

function isEachRefused(values: readonly Value[]): boolean {
  for (const each of values) if (each.kind !== "refused") return false;
  return true;
}

/** If both commands are refused, Redis refuses the key, not the command. */
function refused(key: string, text: Reply | undefined, type: Reply | undefined): Next {
  if (!isRefused(type)) return down("GET", key, text, "a text");
  return value({ kind: "refused", reason: `GET: ${problemOf(text, "a text")}` });
}

function value(known: Value): Next {
  return $multi(known, undefined);
}

function more(next: Step<Value>): Next {
  return $multi(next, undefined);
}

/** Redis answered, but not the question (`LOADING`, `MASTERDOWN`, `NOAUTH`, …). */
function down(
  command: string,
  key: string,
  reply: Reply | undefined,
  expected: string,
): LuaMultiReturn<[value: undefined, err: "redis_down", detail: string]> {
  return $multi(undefined, "redis_down", `${command} ${printable(key, 300)}: ${problemOf(reply, expected)}`);
}

function tooLarge(expected: string, got: string): Value {
  return { kind: "too_large", reason: `expected no more than ${expected}, got ${got}` };
}

function unlikeAny(found: string): Value {
  return { kind: "other_type", reason: `expected a string, a hash, a list or a set, found ${found}` };
}

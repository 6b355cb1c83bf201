import { RedisCommand } from "../ports";
import { Result } from "../result";
import { MOST_BACKENDS, routeFromHash, routeFromList, routeFromSet } from "../routing/route_forms";
import { parseTarget } from "../routing/target";
import { MOST_MEMBERS, poolFromHash, poolFromList, poolFromSet, poolFromString } from "../upstream/pool_spec";
import { isPoolName } from "./keys";

/**
 * Reads what a key holds. The detail of a refusal says the place, what was expected and what was there.
 * @returns the text of a good record: what `compileRoute` or `compilePool` takes
 */
export type ReadValue<V> = (this: void, value: V) => Result<string, "bad_route" | "bad_pool">;

/** How a key that is not a string is read. */
export interface Form {
  /** @returns the command that asks for all it holds, or for enough to see that it is too much. */
  readonly command: (this: void, key: string) => RedisCommand;
  readonly read: ReadValue<readonly string[]>;
}

/** What the types of Redis mean. */
export interface Forms {
  readonly string: ReadValue<string>;
  /** By the word that `TYPE` says: `hash`, `list`, `set`; no other type means anything. */
  readonly others: Readonly<Record<string, Form | undefined>>;
}

const hashes = (key: string): RedisCommand => ["hgetall", key];
const sets = (key: string): RedisCommand => ["smembers", key];

/** One more than `most` items, and never all of a list without end. */
function listsOf(most: number): (this: void, key: string) => RedisCommand {
  const last = `${most}`;
  return (key) => ["lrange", key, "0", last];
}

const ROUTE_FORMS: Forms = {
  string: routeFromString,
  others: {
    hash: { command: hashes, read: routeFromHash },
    // The label is one more.
    list: { command: listsOf(MOST_BACKENDS + 1), read: routeFromList },
    set: { command: sets, read: routeFromSet },
  },
};

const POOL_FORMS: Forms = {
  string: poolFromString,
  others: {
    hash: { command: hashes, read: poolFromHash },
    list: { command: listsOf(MOST_MEMBERS), read: poolFromList },
    set: { command: sets, read: poolFromSet },
  },
};

/** @returns what the key of a name of the cache may hold: a route's, or a pool's. */
export function formsOf(name: string): Forms {
  return isPoolName(name) ? POOL_FORMS : ROUTE_FORMS;
}

/** A string's target stays as it stands: it says the same in Redis, in the log and in the cache. */
function routeFromString(this: void, text: string): Result<string, "bad_route"> {
  const [, err, detail] = parseTarget(text);
  if (err !== undefined) return $multi(undefined, "bad_route", detail);
  return $multi(text, undefined);
}

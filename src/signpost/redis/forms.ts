import { Result } from "../result";
import {
  routeFromHash,
  routeFromList,
  routeFromSet,
  routeFromString,
  tooManyBackends,
  tooManyPaths,
} from "../format/route";
import { TARGET_BYTES } from "../format/target";
import {
  POOL_BYTES,
  poolFromHash,
  poolFromList,
  poolFromSet,
  poolFromString,
  tooManyMembers,
} from "../format/pool_definition";
import { ItemsType } from "./read_values";

/**
 * Reads what a key holds. The detail of a refusal says the place, what was expected and what was found.
 * @returns the text of a good record: what `compileRoute` or `compilePool` takes
 */
export type ReadValue<V> = (this: void, value: V) => Result<string, "bad_route" | "bad_pool">;

/** How a hash, a list or a set is read. */
export interface ItemsForm {
  readonly read: ReadValue<readonly string[]>;
  /** @returns what is wrong with a value of this many items, which are more than are read. */
  readonly tooMany: (this: void, count: number) => string;
}

/** How each Redis type is read under the keys of one space. */
export interface Forms {
  /** The longest string that can be good, bytes. */
  readonly stringBytes: number;
  readonly string: ReadValue<string>;
  /** By type; no other type is valid. */
  readonly others: Readonly<Record<ItemsType, ItemsForm>> & Readonly<Record<string, ItemsForm | undefined>>;
}

/** What a route's key may hold. */
export const ROUTE_FORMS: Forms = {
  stringBytes: TARGET_BYTES,
  string: routeFromString,
  others: {
    hash: { read: routeFromHash, tooMany: tooManyPaths },
    // The first item is a label.
    list: { read: routeFromList, tooMany: (count) => tooManyBackends(count - 1) },
    set: { read: routeFromSet, tooMany: tooManyBackends },
  },
};

/** What a pool's key may hold. */
export const POOL_FORMS: Forms = {
  stringBytes: POOL_BYTES,
  string: poolFromString,
  others: {
    hash: { read: poolFromHash, tooMany: (count) => tooManyMembers(`${count} fields`) },
    list: { read: poolFromList, tooMany: (count) => tooManyMembers(`${count}`) },
    set: { read: poolFromSet, tooMany: (count) => tooManyMembers(`${count}`) },
  },
};

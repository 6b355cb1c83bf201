import { POOL_NAME_BYTES } from "../routing/target";
import { matchableName } from "../routing/written_host";

/** What a pool's name begins with in the cache, where pools are held next to the hosts: `@web`, as targets write it. */
export const POOL_SIGN = "@";

const SIGN_BYTE = 64;

/** The longest name that a host tries: one of 253 bytes that begins with a dot, as a wildcard. */
const HOST_BYTES = 254;

/** Told of a key that no request can match, and the key that would be matched in its place. */
export type TellUnmatchable = (this: void, key: string, meant: string) => void;

/** Told a name of the cache. */
export type TellName = (this: void, name: string) => void;

/**
 * Which key of Redis is which name of the cache. A route's name is its host or wildcard; a pool's begins with `@`.
 * @noSelf
 */
export interface Keys {
  readonly routePrefix: string;
  readonly poolPrefix: string;
  /** @returns the Redis key of a name. */
  keyOf(name: string): string;
  /**
   * Tells the names that a key is read for. They are two where one prefix begins with the other, first that of the
   * longer prefix; and none for a key under neither, or whose rest no host and no target can name.
   */
  eachName(key: string, tell: TellName): void;
  /** Whether a key is under one of the prefixes. */
  covers(key: string): boolean;
}

/** @returns whether a name of the cache is a pool's: no host's begins so. */
export function isPoolName(name: string): boolean {
  return string.byte(name) === SIGN_BYTE;
}

/**
 * @param poolPrefix another than `routePrefix`; either may be empty
 * @param unmatchable told of such keys as `eachName` is asked for
 */
export function newKeys(routePrefix: string, poolPrefix: string, unmatchable?: TellUnmatchable): Keys {
  const isPoolFirst = poolPrefix.length > routePrefix.length;
  return {
    routePrefix,
    poolPrefix,
    keyOf: (name) => (isPoolName(name) ? poolPrefix + string.sub(name, 2) : routePrefix + name),
    eachName: (key, tell) => {
      if (isPoolFirst) tellPool(key, tell);
      tellRoute(key, tell);
      if (!isPoolFirst) tellPool(key, tell);
    },
    covers: (key) => begins(key, routePrefix) || begins(key, poolPrefix),
  };

  function tellRoute(key: string, tell: TellName): void {
    const length = key.length - routePrefix.length;
    if (length < 1 || length > HOST_BYTES || !begins(key, routePrefix)) return;
    const name = string.sub(key, routePrefix.length + 1);
    // `route:@web` is neither a host's key nor the pool @web's.
    if (isPoolName(name)) return;
    if (unmatchable !== undefined) {
      const meant = matchableName(name, routePrefix === "");
      if (meant !== undefined) unmatchable(key, routePrefix + meant);
    }
    tell(name);
  }

  function tellPool(key: string, tell: TellName): void {
    const length = key.length - poolPrefix.length;
    if (length < 1 || length > POOL_NAME_BYTES || !begins(key, poolPrefix)) return;
    tell(POOL_SIGN + string.sub(key, poolPrefix.length + 1));
  }
}

function begins(text: string, prefix: string): boolean {
  return string.sub(text, 1, prefix.length) === prefix;
}

/**
 * The outside world as the logic sees it. `platform/` fits nginx to these types, the specs fit fakes to them; nothing
 * else is known of either.
 */
import { Result } from "./result";

/**
 * A shared memory zone (https://github.com/openresty/lua-nginx-module#ngxshareddict), as far as it is used. Every call
 * is atomic; none of them yields.
 */
export interface SharedDict {
  get(key: string): LuaMultiReturn<[value: string | number | undefined, flags: number | undefined]>;
  /** `forcible`: other, unexpired entries were evicted to make room. */
  set(
    key: string,
    value: string | number,
  ): LuaMultiReturn<
    [stored: true, err: undefined, forcible: boolean] | [stored: false, err: string, forcible: boolean]
  >;
  delete(key: string): LuaMultiReturn<[deleted: true, err: undefined, forcible: false]>;
  /** Adds to a number, which is `init` where there was none. */
  incr(
    key: string,
    by: number,
    init: number,
  ): LuaMultiReturn<
    [value: number, err: undefined, forcible: boolean] | [value: undefined, err: string, forcible?: boolean]
  >;
}

/** A bounded table that gives up its least recently used entry (https://github.com/openresty/lua-resty-lrucache). */
export interface Lru<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  /** @returns whether it was there. */
  delete(key: string): boolean;
}

/** What Redis answered to one command, told apart once, at the edge. */
export type Reply =
  | { readonly kind: "nil" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "error"; readonly message: string };

/** A command of Redis, in lower case, and its arguments. */
export type RedisCommand = [name: string, ...args: string[]];

/** @noSelf */
export interface Redis {
  /**
   * Sends all commands in one round trip and gives one reply for each, in their order. Yields.
   * `redis_down`: no connection, no permission to connect, or no complete answer in time; the detail says which.
   * `busy`: all of this worker's connections are in use and as many wait for one as may; that says nothing of Redis.
   */
  ask(commands: readonly RedisCommand[]): Result<readonly Reply[], "redis_down" | "busy">;
}

/** @returns seconds since 1970. */
export type Clock = (this: void) => number;

/** Runs something outside any request, as soon as possible. False: nginx has too many timers. */
export type RunSoon = (this: void, task: (this: void) => void) => boolean;

/**
 * Closed when made; once open, open for ever.
 * @noSelf
 */
export interface Gate {
  /** Waits until it is open. False: it was not within `seconds`. Yields. */
  wait(seconds: number): boolean;
  open(): void;
}

/** @noSelf */
export interface Log {
  /** Something an operator must mend. */
  error(message: string): void;
  /** Something that works, though not as it should. */
  warn(message: string): void;
}

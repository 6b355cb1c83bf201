/**
 * The outside world as the logic sees it. `platform/` fits nginx to these types, the specs fit fakes to them; nothing
 * else is known of either.
 */
import { Result } from "./result";

/**
 * A shared memory zone (https://github.com/openresty/lua-nginx-module#ngxshareddict), as far as it is used, without what
 * evicts: nothing done with it takes the room of another's entry. Every call is atomic; none of them yields.
 */
export interface SafeDict {
  get(key: string): LuaMultiReturn<[value: string | number | undefined, flags: number | undefined]>;
  /** When there is no room for the value, it says "no memory". */
  safe_set(
    key: string,
    value: string | number,
    lifetimeSeconds?: number,
    flags?: number,
  ): LuaMultiReturn<[stored: true, err: undefined, forcible: false] | [stored: false, err: string, forcible: false]>;
  /** Stores only if there is no such key: false, "exists" if there is; false, "no memory" if there is no room. */
  safe_add(
    key: string,
    value: string | number,
    lifetimeSeconds?: number,
    flags?: number,
  ): LuaMultiReturn<[stored: true, err: undefined, forcible: false] | [stored: false, err: string, forcible: false]>;
  delete(key: string): LuaMultiReturn<[deleted: true, err: undefined, forcible: false]>;
  /** Adds to a number, in its place; "not found" where there is none. */
  incr(key: string, by: number): LuaMultiReturn<[value: number, err: undefined] | [value: undefined, err: string]>;
  /**
   * @returns how many seconds an entry has left; 0: for ever. Nothing where there is none. Of all that looks at an entry,
   * this alone does not make it the most recently used.
   */
  ttl(key: string): LuaMultiReturn<[seconds: number, err: undefined] | [seconds: undefined, err: string]>;
  /** Frees what has expired, up to so many entries. Goes through the whole dict, which is locked meanwhile. */
  flush_expired(most: number): number;
  /** Adds to the end of a list, which begins with that where there was none; "no memory" if there is no room. */
  rpush(
    key: string,
    value: string | number,
  ): LuaMultiReturn<[length: number, err: undefined] | [length: undefined, err: string]>;
  /** Takes the first off a list; nothing where there is none. */
  lpop(
    key: string,
  ): LuaMultiReturn<[value: string | number | undefined, err: undefined] | [value: undefined, err: string]>;
  /** How long a list is; 0 where there is none. */
  llen(key: string): LuaMultiReturn<[length: number, err: undefined] | [length: undefined, err: string]>;
}

/** A shared memory zone with what evicts the entries used least recently, whosever they are, when there is no room. */
export interface SharedDict extends SafeDict {
  /** `forcible`: other, unexpired entries were evicted to make room. */
  set(
    key: string,
    value: string | number,
    lifetimeSeconds?: number,
    flags?: number,
  ): LuaMultiReturn<
    [stored: true, err: undefined, forcible: boolean] | [stored: false, err: string, forcible: boolean]
  >;
  /** Stores only if there is no such key: false, "exists" if there is. `forcible` as with `set`. */
  add(
    key: string,
    value: string | number,
    lifetimeSeconds?: number,
    flags?: number,
  ): LuaMultiReturn<
    [stored: true, err: undefined, forcible: boolean] | [stored: false, err: string, forcible: boolean]
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
  | { readonly kind: "list"; readonly items: readonly Reply[] }
  /** The message is printable ASCII on one line. */
  | { readonly kind: "error"; readonly message: string }
  /** It would have been larger than Signpost reads, and so nothing of it was. The detail says how large. */
  | { readonly kind: "oversized"; readonly detail: string };

/** A command of Redis and its arguments. */
export type RedisCommand = [name: string, ...args: string[]];

/** @noSelf */
export interface Redis {
  /**
   * Sends all commands in one round trip and gives one reply for each, in their order; fewer, if the last of them is
   * `oversized`: what stands after it was lost with the connection, and is to be asked for again. Yields.
   * `redis_down`: no connection, no permission to connect, or no complete answer in time; the detail says which.
   * `busy`: all of this worker's connections are in use and as many wait for one as may; that says nothing of Redis.
   *
   * @param passedOverBytes a longer string in a list is passed over, and stands there as `oversized`. Redis may take
   * a minute then. Without it, what is too large ends the replies
   */
  ask(commands: readonly RedisCommand[], passedOverBytes?: number): Result<readonly Reply[], "redis_down" | "busy">;
  /** How many connections were made so far. On a new one, Redis may permit other commands than before. */
  connectionsMade(): number;
}

/** A connection on which Redis says which keys have changed. */
export interface Tracking {
  /** Waits for what comes next, without end; an error ends the connection. Yields. */
  receive(this: void): LuaMultiReturn<[bytes: string, err: undefined] | [bytes: undefined, err: string]>;
  /** Asks Redis for a sign of life; it comes by `receive`. */
  ping(this: void): void;
  close(this: void): void;
}

/**
 * Makes such a connection; when it returns, every later change will be said on it. Yields.
 * `not_tracked`: Redis answers, but cannot or may not track.
 */
export type OpenTracking = (this: void) => Result<Tracking, "redis_down" | "busy" | "not_tracked">;

/** A file being written. Errors are the system's words. */
export interface NewFile {
  write(this: void, bytes: string): Result<true, "file_error">;
  /**
   * Makes what was written so far outlast a power failure, closes the file and moves it to `path`, in one step. It takes
   * the place of a regular file or a link only, never of a device, a FIFO or a directory.
   */
  publish(this: void, path: string): Result<true, "file_error">;
  /** Closes and removes it. */
  discard(this: void): void;
}

/** A file being read line by line, from its first line on. */
export interface LineReader {
  /**
   * @returns the next line without its end, which may hold any bytes; nothing at the end of the file.
   * `long_line`: the line is longer than a line may be. It was skipped, and the next call reads the one after it.
   * `in_long_line`: a piece of such a line was skipped, and the next call goes on with it: so no call takes long.
   */
  next(this: void): Result<string | undefined, "file_error" | "long_line" | "in_long_line">;
  /** Goes back to the first line of the same file, whatever has its name by now. */
  rewind(this: void): void;
  /** Closes the file. To be called once the file was read, or could not be. */
  close(this: void): void;
}

/** The file system. */
export interface Files {
  /**
   * Creates a file that only its owner can read. What has the name already is removed: it is never written to, nor is
   * what a link of that name leads to.
   */
  create(this: void, path: string): Result<NewFile, "file_error">;
  /** Removes a file; nothing if it is not there. */
  remove(this: void, path: string): void;
  /**
   * Opens a regular file, or what a link to one leads to, to read it line by line. Anything else is refused at once: to
   * open a FIFO would wait for its writer, and a device may never end.
   */
  lines(this: void, path: string): Result<LineReader, "file_error">;
  /** @returns what changes whenever the file is written or replaced. */
  version(this: void, path: string): Result<string, "file_error">;
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

/**
 * Each worker repeats what it says of a subject only once a minute (see `quietLog`). `about` is the subject; unless given,
 * it is the message itself.
 * @noSelf
 */
export interface Log {
  /** Something an operator must mend. */
  error(message: string, about?: string): void;
  /** Something that works, though not as it should. */
  warn(message: string, about?: string): void;
}

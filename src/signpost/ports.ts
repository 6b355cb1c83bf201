/**
 * The interfaces between the logic and the outside world. `platform/` implements them with nginx, and the specs with
 * fakes. The logic knows nothing else about either.
 */
import { Result } from "./result";

/**
 * The part of a shared memory zone that is used (https://github.com/openresty/lua-nginx-module#ngxshareddict), without
 * the calls that evict: no call takes the room of another, unexpired entry. Every call is atomic; none of them yields.
 */
export interface SafeDict {
  get(key: string): LuaMultiReturn<[value: string | number | undefined, flags: number | undefined]>;
  /** If there is no room for the value, `err` is "no memory". */
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
  /** Adds to a number in place; "not found" if there is none. */
  incr(key: string, by: number): LuaMultiReturn<[value: number, err: undefined] | [value: undefined, err: string]>;
  /**
   * @returns the seconds until an entry expires; 0 if it never does; nothing if there is no such entry. This is the
   * only call that reads an entry without making it the most recently used.
   */
  ttl(key: string): LuaMultiReturn<[seconds: number, err: undefined] | [seconds: undefined, err: string]>;
  /** Frees up to `most` expired entries. It scans the whole dict, which is locked meanwhile. */
  flush_expired(most: number): number;
  /** Appends to a list, and creates it if there is none; "no memory" if there is no room. */
  rpush(
    key: string,
    value: string | number,
  ): LuaMultiReturn<[length: number, err: undefined] | [length: undefined, err: string]>;
  /** Removes the first item of a list and returns it; nothing if there is none. */
  lpop(
    key: string,
  ): LuaMultiReturn<[value: string | number | undefined, err: undefined] | [value: undefined, err: string]>;
  /** The length of a list; 0 if there is none. */
  llen(key: string): LuaMultiReturn<[length: number, err: undefined] | [length: undefined, err: string]>;
}

/** A shared memory zone with the calls that evict the least recently used entries, whoever wrote them, to make room. */
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

/** A bounded table that evicts its least recently used entry (https://github.com/openresty/lua-resty-lrucache). */
export interface Lru<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  /** @returns whether it was there. */
  delete(key: string): boolean;
}

/** The reply of Redis to one command, classified once, at the edge. */
export type Reply =
  | { readonly kind: "nil" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Reply[] }
  /** The message is printable ASCII on one line. */
  | { readonly kind: "error"; readonly message: string }
  /** The reply is larger than Signpost reads, so none of it was kept. The detail says how large it is. */
  | { readonly kind: "oversized"; readonly detail: string };

/** A command of Redis and its arguments. */
export type RedisCommand = [name: string, ...args: string[]];

/** @noSelf */
export interface Redis {
  /**
   * Sends all commands in one round trip and gives one reply for each, in their order. There are fewer replies if the
   * last one is `oversized`: the later ones were lost with the connection, and the caller must ask for them again.
   * Yields. `redis_down`: no connection, no permission to connect, or no complete answer in time; the detail says
   * which. `busy`: all of this worker's connections are in use, and the queue for them is full; that says nothing
   * about Redis.
   *
   * @param passedOverBytes a longer string in a list is skipped, and `oversized` stands in its place. Redis may then
   * take a minute. Without it, a value that is too large ends the replies
   */
  ask(commands: readonly RedisCommand[], passedOverBytes?: number): Result<readonly Reply[], "redis_down" | "busy">;
  /** How many connections were made so far. On a new one, Redis may permit other commands than before. */
  connectionsMade(): number;
}

/** A connection on which Redis says which keys have changed. */
export interface Tracking {
  /** Waits for the next bytes, however long that takes; an error ends the connection. Yields. */
  receive(this: void): LuaMultiReturn<[bytes: string, err: undefined] | [bytes: undefined, err: string]>;
  /** Sends a PING; `receive` returns the answer. */
  ping(this: void): void;
  close(this: void): void;
}

/**
 * Makes such a connection. After the return, Redis reports every change on it. Yields. `not_tracked`: Redis answers,
 * but cannot or may not track.
 */
export type OpenTracking = (this: void) => Result<Tracking, "redis_down" | "busy" | "not_tracked">;

/** A file being written. Errors quote the system's message. */
export interface NewFile {
  write(this: void, bytes: string): Result<true, "file_error">;
  /**
   * Makes what was written so far outlast a power failure, closes the file and moves it to `path`, in one step. It
   * takes the place of a regular file or a link only, never of a device, a FIFO or a directory.
   */
  publish(this: void, path: string): Result<true, "file_error">;
  /** Closes and removes the file. */
  discard(this: void): void;
}

/** A file being read line by line, from its first line on. */
export interface LineReader {
  /**
   * @returns the next line without its end, which may hold any bytes; nothing at the end of the file. `long_line`: the
   * line is longer than a line may be. It was skipped, and the next call reads the one after it. `in_long_line`: a
   * piece of such a line was skipped, and the next call goes on with it, so that no call takes long.
   */
  next(this: void): Result<string | undefined, "file_error" | "long_line" | "in_long_line">;
  /** Goes back to the first line of the same file, even if another file has its name by now. */
  rewind(this: void): void;
  /** Closes the file. Call it once the file has been read, or could not be read. */
  close(this: void): void;
}

/** The file system. */
export interface Files {
  /**
   * Creates a file that only its owner can read. A file or link that has the name already is removed: Signpost never
   * writes to it, nor to the target of the link.
   */
  create(this: void, path: string): Result<NewFile, "file_error">;
  /** Removes a file; does nothing if there is none. */
  remove(this: void, path: string): void;
  /**
   * Opens a regular file, or the target of a link to one, to read it line by line. Anything else is refused at once:
   * opening a FIFO would wait for its writer, and a device may never end.
   */
  lines(this: void, path: string): Result<LineReader, "file_error">;
  /** @returns a value that changes whenever the file is written or replaced. */
  version(this: void, path: string): Result<string, "file_error">;
}

/** @returns seconds since 1970. */
export type Clock = (this: void) => number;

/** Runs a task outside any request, as soon as possible. False: nginx has too many timers. */
export type RunSoon = (this: void, task: (this: void) => void) => boolean;

/**
 * It starts closed. Once open, it stays open.
 * @noSelf
 */
export interface Gate {
  /** Waits until it is open. False: it did not open within `seconds`. Yields. */
  wait(seconds: number): boolean;
  open(): void;
}

/**
 * Each worker repeats a message about a subject at most once a minute (see `quietLog`). `about` is the subject; by
 * default, it is the message itself.
 * @noSelf
 */
export interface Log {
  /** Something that an operator must fix. */
  error(message: string, about?: string): void;
  /** Something that works, though not as it should. */
  warn(message: string, about?: string): void;
}

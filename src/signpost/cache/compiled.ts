import { Known, saysTheSame } from "./record";

/** What a name's record was compiled to. All hosts that the name answers for share it. */
export interface Compiled<V> {
  /** Absent once it was dropped to make room. */
  value: V | undefined;
  /** Whether it has answered since room was last made. Every look-up that uses it sets this. */
  isUsed: boolean;
  /** The latest change clock at which its record was found to be in force. */
  clock: number;
}

/** Compiled, and not dropped. */
export interface Usable<V> extends Compiled<V> {
  value: V;
}

/** Makes a value of a record. `before` is the value that it replaces: the new one continues its counts and rotation. */
export type Compile<V> = (this: void, known: Known, before: V | undefined, name: string) => V;

/**
 * A worker's compiled records, one for each name.
 * @noSelf
 */
export interface CompiledNames<V> {
  /**
   * Compiles a record and keeps it as the name's.
   * @param clock the change clock before the record was looked for
   * @returns nothing if a newer record is kept already
   */
  keep(name: string, known: Known, clock: number): Usable<V> | undefined;
  /** Compiles a record for one answer, and keeps nothing. */
  once(name: string, known: Known): Usable<V>;
}

/** What is kept for a name. All of them form a queue, the oldest first. */
interface Held<V> extends Usable<V> {
  readonly name: string;
  known: Known;
  bytes: number;
  next: Held<V> | undefined;
}

/**
 * About how much memory a compiled record takes, bytes. Measured on LuaJIT: a route of one address or `@pool` takes
 * 300, a list of many addresses 40 to 60 times its text.
 */
function bytesOf(known: Known): number {
  return 512 + 64 * known.text.length;
}

/**
 * Compiles each record once, however many hosts a wildcard answers for, and keeps what fits into the room.
 *
 * Invariant: a name's compiled record never goes back to an older one. An answer that another request has remembered
 * may share it. So it is replaced only by a record that was looked for at the same change clock or a later one; at the
 * same clock the new record is the newer one, because the old one was taken away before the clock moved (see
 * `sharedLevel`).
 *
 * When there is no more room, the oldest records that have not answered lately are dropped (second chance: one that
 * has answered moves to the end of the queue instead). So a flood of routes that are each asked for once does not push
 * out the routes in use. A request that still uses a dropped one keeps it until it ends.
 *
 * @param room about how many bytes all of them may take; the one compiled last is kept in any case
 */
export function compileOnce<V>(compile: Compile<V>, room: number): CompiledNames<V> {
  const byName = new LuaMap<string, Held<V>>();
  const queue: Queue<V> = { oldest: undefined, newest: undefined, bytes: 0 };
  const makeRoomFor = (kept: Held<V>) => {
    while (queue.bytes > room && queue.oldest !== queue.newest) {
      const dropped = dropOldest(queue, kept);
      if (dropped !== undefined) {
        byName.delete(dropped);
      }
    }
  };
  return {
    keep: (name, known, clock) => {
      let held = byName.get(name);
      if (held === undefined) {
        const value = compile(known, undefined, name);
        held = { name, known, bytes: bytesOf(known), value, isUsed: false, clock, next: undefined };
        byName.set(name, held);
        queue.bytes += held.bytes;
        append(queue, held);
      } else if (saysTheSame(held.known, known)) {
        held.clock = math.max(held.clock, clock);
        return held;
      } else if (clock < held.clock) {
        return undefined;
      } else {
        replace(queue, held, known, compile(known, held.value, name));
        held.clock = clock;
      }
      makeRoomFor(held);
      return held;
    },
    once: (name, known) => ({ value: compile(known, undefined, name), isUsed: true, clock: 0 }),
  };
}

/** Everything that is held, the oldest first. */
interface Queue<V> {
  oldest: Held<V> | undefined;
  newest: Held<V> | undefined;
  /** About how many bytes all of it takes. */
  bytes: number;
}

function append<V>(queue: Queue<V>, held: Held<V>): void {
  held.next = undefined;
  if (queue.newest === undefined) {
    queue.oldest = held;
  } else {
    queue.newest.next = held;
  }
  queue.newest = held;
}

function replace<V>(queue: Queue<V>, held: Held<V>, known: Known, value: V): void {
  queue.bytes += bytesOf(known) - held.bytes;
  held.bytes = bytesOf(known);
  held.known = known;
  held.value = value;
}

/** @returns the name that was dropped; nothing if the oldest has moved to the end instead */
function dropOldest<V>(queue: Queue<V>, kept: Held<V>): string | undefined {
  const held = queue.oldest;
  if (held === undefined) return undefined;
  queue.oldest = held.next;
  if (held === kept || held.isUsed) {
    held.isUsed = false;
    append(queue, held);
    return undefined;
  }
  queue.bytes -= held.bytes;
  const dropped: Compiled<V> = held;
  dropped.value = undefined;
  return held.name;
}

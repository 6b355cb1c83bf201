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

/** Makes a value of a record. `before` is the value that it replaces, whose counts and rotation go on. */
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
 * About how much memory a compiled record takes, bytes. Measured on LuaJIT: a route of one address or `@pool` takes 300, a
 * list of many addresses 40 to 60 times its text.
 */
function bytesOf(known: Known): number {
  return 512 + 64 * known.text.length;
}

/**
 * Compiles each record once, however many hosts a wildcard answers for, and keeps what fits into the room.
 *
 * Invariant: a name's compiled record never goes back to an older one. An answer that another request has remembered may
 * share it. So it is replaced only by a record that was looked for at the same change clock or a later one; at the same
 * clock the new record is the newer one, because the old one was taken away before the clock moved (see `sharedLevel`).
 *
 * When there is no more room, the oldest are dropped that have not answered lately (second chance: one that has answered
 * moves to the end of the queue instead). So a flood of routes that are asked for once does not push out those in use. A
 * request that still uses a dropped one keeps it until it ends.
 *
 * @param room about how many bytes all of them may take; the one compiled last is kept in any case
 */
export function compileOnce<V>(compile: Compile<V>, room: number): CompiledNames<V> {
  const byName = new LuaMap<string, Held<V>>();
  let oldest: Held<V> | undefined;
  let newest: Held<V> | undefined;
  let taken = 0;

  return {
    keep: (name, known, clock) => {
      const held = byName.get(name);
      if (held === undefined) {
        const added = add(name, known, clock);
        makeRoomFor(added);
        return added;
      }
      if (saysTheSame(held.known, known)) {
        held.clock = math.max(held.clock, clock);
        return held;
      }
      if (clock < held.clock) {
        return undefined;
      }
      replace(held, known, clock);
      makeRoomFor(held);
      return held;
    },
    once: (name, known) => ({ value: compile(known, undefined, name), isUsed: true, clock: 0 }),
  };

  function add(name: string, known: Known, clock: number): Held<V> {
    const [value, bytes] = [compile(known, undefined, name), bytesOf(known)];
    const held: Held<V> = { name, known, bytes, value, isUsed: false, clock, next: undefined };
    byName.set(name, held);
    taken += bytes;
    append(held);
    return held;
  }

  function replace(held: Held<V>, known: Known, clock: number): void {
    held.value = compile(known, held.value, held.name);
    taken += bytesOf(known) - held.bytes;
    held.bytes = bytesOf(known);
    held.known = known;
    held.clock = clock;
  }

  function makeRoomFor(kept: Held<V>): void {
    while (taken > room && oldest !== undefined && oldest !== newest) {
      const held = oldest;
      oldest = held.next;
      if (held === kept || held.isUsed) {
        held.isUsed = false;
        append(held);
      } else {
        giveUp(held);
      }
    }
  }

  function giveUp(held: Held<V>): void {
    byName.delete(held.name);
    taken -= held.bytes;
    const givenUp: Compiled<V> = held;
    givenUp.value = undefined;
  }

  function append(held: Held<V>): void {
    held.next = undefined;
    if (newest === undefined) {
      oldest = held;
    } else {
      newest.next = held;
    }
    newest = held;
  }
}

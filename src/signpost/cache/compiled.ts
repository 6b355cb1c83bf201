import { Known, saysTheSame } from "./record";

/** What a name's record was compiled to. All subjects that the name answers for share it. */
export interface Compiled<V> {
  /** Nothing once it has been given up to make room. */
  value: V | undefined;
  /** Whether it has answered since room was last made. Set by whoever uses it. */
  isUsed: boolean;
  /** The latest change clock at which its record was found to be in force. */
  clock: number;
}

/** Compiled, and not given up. */
export interface Usable<V> extends Compiled<V> {
  value: V;
}

/** Makes a value of a record. `before`: what it replaces, so that what that one counts goes on. */
export type Compile<V> = (this: void, known: Known, before: V | undefined, name: string) => V;

/**
 * A worker's compiled records, one for each name.
 * @noSelf
 */
export interface CompiledNames<V> {
  /**
   * @param clock the change clock before the record was looked for
   * @returns what the record is compiled to, from now on the name's; nothing if a newer record is held already
   */
  keep(name: string, known: Known, clock: number): Usable<V> | undefined;
  /** Compiles a record for one answer, and keeps nothing. */
  once(name: string, known: Known): Usable<V>;
}

/** What is held for a name. All that are held form a queue, the oldest first. */
interface Held<V> extends Usable<V> {
  readonly name: string;
  known: Known;
  bytes: number;
  next: Held<V> | undefined;
}

/**
 * How much memory a compiled record takes, bytes: about. Measured on LuaJIT: a route of one address or `@pool` takes 300,
 * what lists many addresses 40 to 60 times its text.
 */
function bytesOf(known: Known): number {
  return 512 + 64 * known.text.length;
}

/**
 * Compiles each record once, however many hosts a wildcard answers for, and holds what fits.
 *
 * Invariant: a name's compiled record never goes back to an older one. An answer that another request has remembered may
 * share it. So it is replaced only by a record that was looked for at the same change clock or a later one; at the same
 * clock the new record is the newer one, because the old one was taken away before the clock moved (see `sharedLevel`).
 *
 * When there is no more room, those are given up that have not answered lately (second chance: one that has answered goes
 * to the end of the queue instead). So a flood of routes that are asked for once does not push out those in use. A request
 * that still uses what is given up keeps it until it ends.
 *
 * @param room how many bytes all of them may take, about; the one compiled last is held in any case
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

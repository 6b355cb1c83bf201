import { Reading } from "../redis/reading";
import { ReadRoutes } from "../redis/read_routes";
import { Clock } from "../ports";
import { KnownByName, ReadThrough } from "./flights";
import { NodeState } from "../state/node_state";
import { Tickets } from "../state/tickets";
import { Known } from "./record";
import { Asked, knownFrom, SharedLevel } from "./shared";

/** How many times a name is read at most because it changes while it is read. */
const ROUNDS = 8;

/** What reading through to Redis needs. */
export interface ReadThroughParts {
  readonly read: ReadRoutes;
  readonly shared: SharedLevel;
  readonly nodeState: NodeState;
  readonly now: Clock;
}

/**
 * Reads names from Redis and stores the answers in the shared dict. A name that has changed meanwhile is read again,
 * and the read ends only when no name has. So every request that waits for the read gets values that were current
 * after the request came. A name that changes faster than it can be read is answered with the last reading, which is
 * not remembered.
 */
export function readThrough(parts: ReadThroughParts): ReadThrough {
  return (names) => {
    const result: ReadResult = { found: new LuaMap(), tickets: new LuaMap() };
    const { found, tickets } = result;
    let pending = names;
    for (const _ of $range(1, ROUNDS)) {
      const asked = ask(parts, pending);
      const [readings, err, detail] = parts.read(pending);
      if (err !== undefined) {
        return $multi(undefined, err, detail);
      }
      keepAll(parts.shared, pending, readings, asked, result);
      pending = changedSince(parts.nodeState.tickets, names, tickets);
      if (pending.length === 0) {
        break;
      }
    }
    noteUnkept(parts.shared, found);
    for (const name of pending) {
      found.set(name, fleeting(found.get(name) as Known));
    }
    return $multi(found, undefined);
  };
}

/** What a read has found so far. */
interface ReadResult {
  readonly found: KnownByName;
  /** Each name's ticket as of when its record was stored; none for a name that must be read again. */
  readonly tickets: LuaMap<string, number>;
}

/** An answer counts from when Redis was asked, because it may be as old as the question. */
function ask(parts: ReadThroughParts, names: readonly string[]): readonly Asked[] {
  const { epochs, tickets } = parts.nodeState;
  const [checked, epoch] = [parts.now(), epochs.current()];
  const asked: Asked[] = [];
  for (const name of names) {
    asked.push({ checked, epoch, ticket: tickets.of(name) });
  }
  return asked;
}

/** Notes each name's ticket as of when it was stored; no ticket for a name that was refused. */
function keepAll(
  shared: SharedLevel,
  names: readonly string[],
  readings: readonly Reading[],
  asked: readonly Asked[],
  result: ReadResult,
): void {
  const { found, tickets } = result;
  for (const i of $range(1, names.length)) {
    const [name, reading, when] = [names[i - 1] as string, readings[i - 1] as Reading, asked[i - 1] as Asked];
    const [kept, ticket] = shared.keep(name, reading, when);
    found.set(name, kept ?? knownFrom(reading, when));
    tickets.delete(name);
    if (ticket !== undefined) {
      tickets.set(name, ticket);
    }
  }
}

function changedSince(current: Tickets, names: readonly string[], tickets: LuaMap<string, number>): readonly string[] {
  const changed: string[] = [];
  for (const name of names) {
    if (tickets.get(name) !== current.of(name)) {
      changed.push(name);
    }
  }
  return changed;
}

/**
 * Marks the answers that the shared dict does not hold. A request that waits for this read may have come after a name
 * was stored, and after the clock moved since. This look makes the name more recently used than that clock's mark: see
 * `ChangeClock`.
 */
function noteUnkept(shared: SharedLevel, found: KnownByName): void {
  for (const [name, known] of found) {
    if (shared.find(name) === undefined) {
      found.set(name, unkept(known));
    }
  }
}

function unkept(known: Known): Known {
  const { kind, text, checked, epoch } = known;
  return { kind, text, checked, epoch, isUnkept: true };
}

function fleeting(known: Known): Known {
  const { kind, text, checked, epoch } = known;
  return { kind, text, checked, epoch, isFleeting: true };
}

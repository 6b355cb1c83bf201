import { Reading } from "../redis/reading";
import { ReadRoutes } from "../redis/read_routes";
import { Clock } from "../ports";
import { KnownByName, ReadThrough } from "./flights";
import { NodeState } from "../state/node_state";
import { Known } from "./record";
import { Asked, knownFrom, SharedLevel } from "./shared";

/** How often a name is read again because it changes while it is read. */
const ROUNDS = 8;

/** What reading through to Redis takes. */
export interface ReadThroughParts {
  readonly read: ReadRoutes;
  readonly shared: SharedLevel;
  readonly nodeState: NodeState;
  readonly now: Clock;
}

/**
 * @returns reads names from Redis and keeps what it says. A name that has changed meanwhile is read again, and it is over
 * only when none has: so that who waits for the read, too, gets what was true after they came. One that changes faster
 * than it can be read is answered with what was read last, and not kept.
 */
export function readThrough(parts: ReadThroughParts): ReadThrough {
  const { read, shared, nodeState, now } = parts;

  return (names) => {
    const found: KnownByName = new LuaMap();
    const tickets = new LuaMap<string, number>();
    let pending = names;
    for (const _ of $range(1, ROUNDS)) {
      const asked = ask(pending);
      const [readings, err, detail] = read(pending);
      if (err !== undefined) {
        return $multi(undefined, err, detail);
      }
      keepAll(pending, readings, asked, found, tickets);
      pending = changedSince(names, tickets);
      if (pending.length === 0) {
        break;
      }
    }
    noteUnkept(found);
    for (const name of pending) {
      found.set(name, fleeting(found.get(name) as Known));
    }
    return $multi(found, undefined);
  };

  /**
   * Whoever waits for this read may have come after a name was kept, and after the clock has moved since. To look for it
   * once more makes it more recently used than that clock's mark: see `hasForgottenFrom`.
   */
  function noteUnkept(found: KnownByName): void {
    for (const [name, known] of found) {
      if (shared.find(name) === undefined) {
        found.set(name, unkept(known));
      }
    }
  }

  /** What Redis says counts from when it was asked: an answer may be as old as the question. */
  function ask(names: readonly string[]): readonly Asked[] {
    const [checked, epoch] = [now(), nodeState.epochs.current()];
    const asked: Asked[] = [];
    for (const name of names) {
      asked.push({ checked, epoch, ticket: nodeState.tickets.of(name) });
    }
    return asked;
  }

  /** Takes down each name's ticket as of when it was kept; none for one that was not. */
  function keepAll(
    names: readonly string[],
    readings: readonly Reading[],
    asked: readonly Asked[],
    found: KnownByName,
    tickets: LuaMap<string, number>,
  ): void {
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

  function changedSince(names: readonly string[], tickets: LuaMap<string, number>): readonly string[] {
    const changed: string[] = [];
    for (const name of names) {
      if (tickets.get(name) !== nodeState.tickets.of(name)) {
        changed.push(name);
      }
    }
    return changed;
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

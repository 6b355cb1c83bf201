import { Clock, Gate } from "../ports";
import { Result } from "../result";
import { Count } from "../state/counters";
import { Known } from "./record";

/** Why a name could not be read now. */
export type ReadFailure = "redis_down" | "busy";

/** What was read, by name. */
export type KnownByName = LuaMap<string, Known>;

/** Reads names from Redis and keeps what it says. Yields. */
export type ReadThrough = (this: void, names: readonly string[]) => Result<KnownByName, ReadFailure>;

/** Reads under way, and the limits on them. */
export interface FlightRules {
  readonly newGate: (this: void) => Gate;
  readonly now: Clock;
  readonly count: Count;
  /** Reads at once. */
  readonly maxLookups: number;
  /** How long a read may take before those that wait for it give it up, seconds. */
  readonly waitTimeout: number;
}

/** Both read names from Redis and keep what it says. */
export interface Flights {
  /** For a host that is not known: refused as `busy` when `maxLookups` are under way. */
  readonly read: ReadThrough;
  /** For what is bounded otherwise: known hosts, and the background. */
  readonly readUnlimited: ReadThrough;
}

/** One read under way. */
interface Flight {
  readonly names: readonly string[];
  readonly gate: Gate;
  /** Seconds since 1970. */
  readonly started: number;
  /** Set once, when it has ended; with the outcome, unless it was given up. */
  ended: boolean;
  found?: KnownByName;
  failure?: ReadFailure;
  detail?: string;
}

/**
 * One read for many: whoever asks for names that are being read waits for that read, and reads only the rest.
 *
 * Invariant: of one worker, at most one read is under way for a name. A flight whose request nginx ended half-way (its
 * client went away) never lands; the first that has waited its waitTimeout for it takes it off, so that the name can be
 * read again and its place under `maxLookups` is free.
 */
export function coalesce(readThrough: ReadThrough, rules: FlightRules): Flights {
  const flights = new LuaMap<string, Flight>();
  let underWay = 0;
  return {
    read: (names) => readUpTo(rules.maxLookups, names),
    readUnlimited: (names) => readUpTo(math.huge, names),
  };

  function readUpTo(limit: number, names: readonly string[]): Result<KnownByName, ReadFailure> {
    const unread: string[] = [];
    const awaited: Flight[] = [];
    for (const name of names) {
      const flight = flights.get(name);
      if (flight === undefined) {
        unread.push(name);
      } else {
        awaited.push(flight);
      }
    }
    const found: KnownByName = new LuaMap();
    if (unread.length > 0) {
      if (underWay >= limit) {
        giveUpOverdue();
      }
      if (underWay >= limit) {
        rules.count("busy");
        return $multi(undefined, "busy", `${underWay} look-ups are under way, which is max_lookups`);
      }
      awaited.push(fly(unread));
    }
    for (const flight of awaited) {
      const [all, err, detail] = outcome(flight);
      if (err !== undefined) {
        return $multi(undefined, err, detail);
      }
      for (const [name, known] of all) {
        found.set(name, known);
      }
    }
    return $multi(found, undefined);
  }

  function fly(names: readonly string[]): Flight {
    const flight: Flight = { names, gate: rules.newGate(), started: rules.now(), ended: false };
    for (const name of names) {
      flights.set(name, flight);
    }
    underWay += 1;
    const [found, failure, detail] = readThrough(names);
    if (failure === undefined) {
      flight.found = found;
    } else {
      flight.failure = failure;
      flight.detail = detail;
    }
    end(flight);
    return flight;
  }

  /** Nobody may be waiting for a flight that never lands: its place is needed all the same. */
  function giveUpOverdue(): void {
    const overdue = rules.now() - rules.waitTimeout;
    for (const [, flight] of flights) {
      if (flight.started <= overdue) {
        end(flight);
      }
    }
  }

  function end(flight: Flight): void {
    if (flight.ended) {
      return;
    }
    flight.ended = true;
    underWay -= 1;
    for (const name of flight.names) {
      flights.delete(name);
    }
    flight.gate.open();
  }

  function outcome(flight: Flight): Result<KnownByName, ReadFailure> {
    if (!flight.ended && !flight.gate.wait(rules.waitTimeout)) {
      end(flight);
    }
    if (flight.found !== undefined) {
      return $multi(flight.found, undefined);
    }
    const detail = flight.detail ?? `another request's look-up had no answer within ${rules.waitTimeout} s`;
    return $multi(undefined, flight.failure ?? "redis_down", detail);
  }
}

import { Clock, Gate } from "../ports";
import { Result } from "../result";
import { Count } from "../state/counters";
import { Known } from "./record";

/** Why a name cannot be read now. */
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
  /** How many reads may run at once. */
  readonly maxLookups: number;
  /** How long a read may take before the requests that wait for it give it up, seconds. */
  readonly waitTimeout: number;
}

/** Both read names from Redis and keep what it says. */
export interface Flights {
  /** For hosts that are not known: refused as `busy` while `maxLookups` reads are under way. */
  readonly read: ReadThrough;
  /** For known hosts and the background, whose number is bounded otherwise. */
  readonly readUnlimited: ReadThrough;
}

/** One read under way. */
interface Flight {
  readonly names: readonly string[];
  readonly gate: Gate;
  /** Seconds since 1970. */
  readonly started: number;
  /** Set once, when it ends; with the outcome, unless it was given up. */
  ended: boolean;
  found?: KnownByName;
  failure?: ReadFailure;
  detail?: string;
}

/**
 * One read for many requests (singleflight): a request for names that are being read waits for that read, and reads only
 * the rest.
 *
 * Invariant: in one worker, at most one read is under way for a name. A flight never lands if nginx ended its request
 * half-way because the client went away. The first request that has waited `waitTimeout` for it removes it, so that the
 * name can be read again and its place under `maxLookups` is free.
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

  /** A flight that never lands may have nobody waiting for it, and its place is needed. */
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

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
  /** Seconds that a read may take before the requests that wait for it give it up. */
  readonly waitTimeout: number;
}

/** Both read names from Redis and keep what it says. */
export interface Flights {
  /** For hosts that are not known: refused as `busy` while `maxLookups` reads are under way. */
  readonly read: ReadThrough;
  /** For known hosts and background reads, whose number is bounded elsewhere. */
  readonly readUnlimited: ReadThrough;
}

/** One read under way. */
interface Flight {
  readonly names: readonly string[];
  readonly gate: Gate;
  /** Seconds since 1970. */
  readonly started: number;
  /** Set once, when it ends. The outcome is set at the same time, unless the flight was given up. */
  ended: boolean;
  found?: KnownByName;
  failure?: ReadFailure;
  detail?: string;
}

/**
 * One read for many requests (singleflight): a request for names that are being read waits for that read, and reads
 * only the rest.
 *
 * Invariant: in one worker, at most one read is under way for a name. A flight never lands if nginx ended its request
 * half-way because the client went away. The first request that has waited `waitTimeout` for it removes it, so that the
 * name can be read again and its place under `maxLookups` is free.
 */
export function coalesce(readThrough: ReadThrough, rules: FlightRules): Flights {
  const board: Board = { readThrough, rules, flights: new LuaMap(), underWay: 0 };
  return {
    read: (names) => readUpTo(board, rules.maxLookups, names),
    readUnlimited: (names) => readUpTo(board, math.huge, names),
  };
}

/** The flights of a worker. */
interface Board {
  readonly readThrough: ReadThrough;
  readonly rules: FlightRules;
  /** Those under way, by each of their names. */
  readonly flights: LuaMap<string, Flight>;
  underWay: number;
}

function readUpTo(board: Board, limit: number, names: readonly string[]): Result<KnownByName, ReadFailure> {
  const unread: string[] = [];
  const awaited: Flight[] = [];
  for (const name of names) {
    const flight = board.flights.get(name);
    if (flight === undefined) {
      unread.push(name);
    } else {
      awaited.push(flight);
    }
  }
  if (unread.length > 0) {
    if (board.underWay >= limit) {
      giveUpOverdue(board);
    }
    if (board.underWay >= limit) {
      board.rules.count("busy");
      return $multi(undefined, "busy", `${board.underWay} look-ups are under way, which is max_lookups`);
    }
    awaited.push(fly(board, unread));
  }
  return outcomeOf(board, awaited);
}

function fly(board: Board, names: readonly string[]): Flight {
  const { rules, flights, readThrough } = board;
  const flight: Flight = { names, gate: rules.newGate(), started: rules.now(), ended: false };
  for (const name of names) {
    flights.set(name, flight);
  }
  board.underWay += 1;
  const [found, failure, detail] = readThrough(names);
  if (failure === undefined) {
    flight.found = found;
  } else {
    flight.failure = failure;
    flight.detail = detail;
  }
  end(board, flight);
  return flight;
}

/** Ends overdue flights: no request may be waiting for a flight that never lands, and its place is needed. */
function giveUpOverdue(board: Board): void {
  const overdue = board.rules.now() - board.rules.waitTimeout;
  for (const [, flight] of board.flights) {
    if (flight.started <= overdue) {
      end(board, flight);
    }
  }
}

function end(board: Board, flight: Flight): void {
  if (flight.ended) {
    return;
  }
  flight.ended = true;
  board.underWay -= 1;
  for (const name of flight.names) {
    board.flights.delete(name);
  }
  flight.gate.open();
}

/** Waits for the flights, and merges what they have found. */
function outcomeOf(board: Board, awaited: readonly Flight[]): Result<KnownByName, ReadFailure> {
  const found: KnownByName = new LuaMap();
  for (const flight of awaited) {
    const [all, err, detail] = land(board, flight);
    if (err !== undefined) {
      return $multi(undefined, err, detail);
    }
    for (const [name, known] of all) {
      found.set(name, known);
    }
  }
  return $multi(found, undefined);
}

function land(board: Board, flight: Flight): Result<KnownByName, ReadFailure> {
  const { waitTimeout } = board.rules;
  if (!flight.ended && !flight.gate.wait(waitTimeout)) {
    end(board, flight);
  }
  if (flight.found !== undefined) {
    return $multi(flight.found, undefined);
  }
  const detail = flight.detail ?? `another request's look-up had no answer within ${waitTimeout} s`;
  return $multi(undefined, flight.failure ?? "redis_down", detail);
}

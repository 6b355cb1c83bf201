import { Reading } from "../redis/reading";
import { SafeDict, SharedDict } from "../ports";
import { Count } from "../state/counters";
import { NodeState } from "../state/node_state";
import { decodeRecord, encodeRecord, Known, saysTheSame } from "./record";

/** The time, the epoch and the name's ticket just before Redis was asked for the name. */
export interface Asked {
  /** Seconds since 1970. */
  readonly checked: number;
  readonly epoch: number;
  readonly ticket: number;
}

/** @noSelf */
export interface SharedLevel {
  /** @returns what the node knows about a name, however old. */
  find(name: string): Known | undefined;
  /**
   * Keeps what Redis said about a name.
   * @returns what is in force from now on, whether or not the dict had room for it, and the name's ticket as of then;
   * nothing if the name has changed since it was asked for, and must be asked for again
   */
  keep(
    name: string,
    reading: Reading,
    asked: Asked,
  ): LuaMultiReturn<[known: Known, ticket: number] | [known: undefined, ticket: undefined]>;
}

/** Receives every bad reading, and every other one, which ends the complaint. */
export interface Complaints {
  bad(this: void, name: string, reason: string, lastGood: string | undefined): void;
  good(this: void, name: string): void;
}

/** What the shared level is made of. */
export interface SharedParts {
  readonly records: SharedDict;
  readonly absent: SharedDict;
  readonly nodeState: NodeState;
  readonly complaints: Complaints;
  readonly count: Count;
}

/**
 * The level that all workers share. Routes and known-absent names live in dicts of their own, so that a flood of
 * invented hosts can never evict a route. Neither dict's own expiry is used: it would throw away the last known value.
 *
 * **No lost update.** Invariant: once any worker has answered with a value, no worker answers a later request with an
 * older one while Redis is tracked. It is kept here, by four rules:
 *
 * 1. A reading is stored only if the name's ticket is the one that was taken before Redis was asked. A push moves the
 *    ticket, and so does a reading that says something new: a reading asked for before either is refused. The look at
 *    the ticket and the store are one step, under the name's lock.
 * 2. A push moves the ticket and looks whether the name is held, in one step under the same lock, and has it read again
 *    if so. So an older reading is either refused, or was stored before and is replaced.
 * 3. A new value can be seen only after the clock has moved: the old record is taken out first, then the clock moves,
 *    then the new one goes in. A worker with the old value in memory must look here, and finds the new one or asks
 *    Redis.
 * 4. No worker remembers a name that is not held, unless a dict may have evicted the name since the clock last moved
 *    (`mayHaveEvictedFrom`). Then, and only then, a push for such a name moves the clock, and so does a reading of it
 *    that a memory might contradict. This happens once each time a full dict has replaced all its entries: a dict too
 *    small for all routes costs look-ups, and leaves the workers' memory alone.
 *
 * A value for which there is no room at all is `isUnkept`: it is read again for each request.
 */
export function sharedLevel(parts: SharedParts): SharedLevel {
  const { nodeState, complaints } = parts;
  return {
    find: (name) => find(parts, name),
    keep: (name, reading, asked) => {
      let kept: Known | undefined;
      let ticket = asked.ticket;
      nodeState.alone(name, () => {
        if (nodeState.tickets.of(name) === asked.ticket) {
          [kept, ticket] = accept(parts, name, reading, asked);
        }
      });
      if (kept === undefined) {
        return $multi(undefined, undefined);
      }
      complain(complaints, name, reading, kept);
      return $multi(kept, ticket);
    },
  };
}

function find(parts: SharedParts, name: string): Known | undefined {
  return read(parts.records, name) ?? read(parts.absent, name);
}

function complain(complaints: Complaints, name: string, reading: Reading, kept: Known): void {
  if (reading.kind === "bad") {
    complaints.bad(name, reading.reason, kept.kind === "good" ? kept.text : undefined);
  } else {
    complaints.good(name);
  }
}

/** Stores a reading, under the name's lock. */
function accept(
  parts: SharedParts,
  name: string,
  reading: Reading,
  asked: Asked,
): LuaMultiReturn<[known: Known, ticket: number]> {
  const { nodeState } = parts;
  const last = find(parts, name);
  const known = inForce(reading, asked, last);
  let { ticket } = asked;
  if (last === undefined || !saysTheSame(last, known)) {
    ticket = nodeState.tickets.move(name);
    if (last !== undefined) {
      dictOf(parts, last).delete(name);
    }
    if (last !== undefined || mayContradictMemory(parts, known)) {
      nodeState.changeClock.move();
    }
  }
  store(parts, name, known);
  return $multi(known, ticket);
}

/**
 * Whether a worker may remember something else about a name that is not held. It may if it has remembered the name and
 * a dict has evicted it since, or if it took the name for absent because a snapshot did not have it. A flood of
 * invented hosts evicts only absences and says nothing new of them, so it does not move the clock.
 */
function mayContradictMemory(parts: SharedParts, known: Known): boolean {
  const { changeClock, completeness } = parts.nodeState;
  if (changeClock.mayHaveEvictedFrom(parts.records)) {
    return true;
  }
  return known.kind !== "absent" && (changeClock.mayHaveEvictedFrom(parts.absent) || completeness.holds());
}

function store(parts: SharedParts, name: string, known: Known): void {
  const dict = dictOf(parts, known);
  const [, err, forcible] = dict.set(name, encodeRecord(known), 0, known.epoch);
  if (err !== undefined) {
    parts.count("store_failures");
  }
  if (forcible) {
    parts.count("evictions");
  }
  if (dict === parts.records && (forcible || err !== undefined)) {
    parts.nodeState.completeness.revoke();
  }
}

function dictOf(parts: SharedParts, known: Known): SharedDict {
  return known.kind === "absent" ? parts.absent : parts.records;
}

/** A bad route harms only itself, and its last good value, if there is one, goes on serving. */
function inForce(reading: Reading, asked: Asked, last: Known | undefined): Known {
  const { checked, epoch } = asked;
  if (reading.kind === "bad" && last?.kind === "good") {
    return { kind: "good", text: last.text, checked, epoch };
  }
  return knownFrom(reading, asked);
}

/** @returns a reading as what is known from it. */
export function knownFrom(reading: Reading, asked: Asked): Known {
  const { checked, epoch } = asked;
  if (reading.kind === "absent") {
    return { kind: "absent", text: "", checked, epoch };
  }
  return { kind: reading.kind, text: reading.kind === "bad" ? reading.reason : reading.text, checked, epoch };
}

function read(dict: SafeDict, name: string): Known | undefined {
  const [value, flags] = dict.get(name);
  if (value === undefined) {
    return undefined;
  }
  return decodeRecord(value as string, flags ?? 0);
}

import { Reading } from "../redis/reading";
import { SafeDict, SharedDict } from "../ports";
import { Count } from "../state/counters";
import { NodeState } from "../state/node_state";
import { decodeRecord, encodeRecord, Known, saysTheSame } from "./record";

/** When and under which circumstances Redis was asked for a name; taken before it was asked. */
export interface Asked {
  /** Seconds since 1970. */
  readonly checked: number;
  readonly epoch: number;
  readonly ticket: number;
}

/** @noSelf */
export interface SharedLevel {
  /** @returns what the node knows of a name, however old. */
  find(name: string): Known | undefined;
  /**
   * Keeps what Redis said of a name.
   * @returns what is in force from now on, whether or not the dict had room for it, and the name's ticket as of then;
   * nothing if the name has changed since it was asked for, and must be asked for again
   */
  keep(
    name: string,
    reading: Reading,
    asked: Asked,
  ): LuaMultiReturn<[known: Known, ticket: number] | [known: undefined, ticket: undefined]>;
}

/** Told of every bad reading, and of every good one, which ends the complaint. */
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
 * older one while Redis is tracked. It is kept here, by three rules:
 *
 * 1. A reading is kept only if the name's ticket is the one that was taken before it was asked for. A push moves the
 *    ticket, and so does a reading that says something new: what was asked for before either is refused. The look at the
 *    ticket and the store are one step, under the name's lock.
 * 2. A push moves the ticket and looks whether the name is held, in one step under the same lock, and has it read again
 *    if so. So an older reading is either refused, or was stored before and is replaced.
 * 3. A new value can be seen only after the clock has moved: the old record is taken out first, then the clock moves,
 *    then the new one goes in. Who has the old value in memory must look here; who looks meanwhile asks Redis.
 *
 * 4. A name that is not held is nowhere remembered, unless a dict may have evicted it since the clock last moved
 *    (`hasForgottenFrom`). Then, and only then, a push for such a name moves the clock, and so does a reading of it that a
 *    memory might contradict. It comes to that once for each time that a full dict has gone through all its room: a dict
 *    too small for all routes costs look-ups, and leaves the workers' memory alone.
 *
 * A value for which there is no room at all is `isUnkept`: it is read again for each request.
 */
export function sharedLevel(parts: SharedParts): SharedLevel {
  const { records, absent, nodeState, complaints, count } = parts;
  return { find, keep };

  function find(name: string): Known | undefined {
    return read(records, name) ?? read(absent, name);
  }

  function keep(
    name: string,
    reading: Reading,
    asked: Asked,
  ): LuaMultiReturn<[known: Known, ticket: number] | [known: undefined, ticket: undefined]> {
    let kept: Known | undefined;
    let ticket = asked.ticket;
    nodeState.alone(name, () => {
      if (nodeState.tickets.of(name) === asked.ticket) {
        [kept, ticket] = land(name, reading, asked);
      }
    });
    if (kept === undefined) {
      return $multi(undefined, undefined);
    }
    complain(name, reading, kept);
    return $multi(kept, ticket);
  }

  function complain(name: string, reading: Reading, kept: Known): void {
    if (reading.kind === "bad") {
      complaints.bad(name, reading.reason, kept.kind === "good" ? kept.text : undefined);
    } else {
      complaints.good(name);
    }
  }

  function land(name: string, reading: Reading, asked: Asked): LuaMultiReturn<[known: Known, ticket: number]> {
    const last = find(name);
    const known = inForce(reading, asked, last);
    let { ticket } = asked;
    if (last === undefined || !saysTheSame(last, known)) {
      ticket = nodeState.tickets.move(name);
      withdraw(name, last);
      if (last !== undefined || mayContradictMemory(known)) {
        nodeState.changeClock.move();
      }
    }
    store(name, known);
    return $multi(known, ticket);
  }

  /**
   * What is known now of a name that is not held. Memory may have it otherwise if it had it and it was evicted since, or
   * took it for absent because a snapshot did not have it. A flood of invented hosts evicts only absences, and says nothing
   * else than these did: it does not move the clock.
   */
  function mayContradictMemory(known: Known): boolean {
    if (nodeState.changeClock.mayHaveEvictedFrom(records)) {
      return true;
    }
    return (
      known.kind !== "absent" && (nodeState.changeClock.mayHaveEvictedFrom(absent) || nodeState.completeness.holds())
    );
  }

  function withdraw(name: string, last: Known | undefined): void {
    if (last !== undefined) {
      dictOf(last).delete(name);
    }
  }

  function store(name: string, known: Known): void {
    const dict = dictOf(known);
    const [, err, forcible] = dict.set(name, encodeRecord(known), 0, known.epoch);
    if (err !== undefined) {
      count("store_failures");
    }
    if (forcible) {
      count("evictions");
    }
    if (dict === records && (forcible || err !== undefined)) {
      nodeState.completeness.revoke();
    }
  }

  function dictOf(known: Known): SharedDict {
    return known.kind === "absent" ? absent : records;
  }
}

/** A bad route harms only itself, and not even itself while there is a last good value: that goes on serving. */
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
  return value === undefined ? undefined : decodeRecord(value as string, flags ?? 0);
}

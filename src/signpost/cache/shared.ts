import { Reading } from "../origin/reading";
import { SharedDict } from "../ports";
import { Count } from "../telemetry/counters";
import { decodeRecord, encodeRecord, Known } from "./record";

/** @noSelf */
export interface SharedLevel {
  /** @returns what the node knows of a name, however old. */
  find(name: string): Known | undefined;
  /**
   * Keeps what Redis said of a name at `checked` (seconds since 1970).
   * @returns what is in force from now on, whether or not the dict had room for it.
   */
  keep(name: string, reading: Reading, checked: number): Known;
}

/** Told of every bad reading, and of every good one, which ends the complaint. */
export interface Complaints {
  bad(this: void, name: string, reason: string, lastGood: string | undefined): void;
  good(this: void, name: string): void;
}

/**
 * The level that all workers share. Routes and known-absent names live in dicts of their own, so that a flood of
 * invented hosts can never evict a route. Neither dict's own expiry is used: it would throw away the last known value.
 */
export function sharedLevel(
  records: SharedDict,
  absent: SharedDict,
  complaints: Complaints,
  count: Count,
): SharedLevel {
  return { find, keep };

  function find(name: string): Known | undefined {
    return read(records, name) ?? read(absent, name);
  }

  function keep(name: string, reading: Reading, checked: number): Known {
    if (reading.kind === "bad") {
      return keepBad(name, reading.reason, checked);
    }
    complaints.good(name);
    if (reading.kind === "absent") {
      const known: Known = { kind: "absent", checked, text: "" };
      store(absent, name, known);
      records.delete(name);
      return known;
    }
    const known: Known = { kind: "route", checked, text: reading.text };
    store(records, name, known);
    absent.delete(name);
    return known;
  }

  /** A bad route harms only itself, and not even itself while there is a last good value: that goes on serving. */
  function keepBad(name: string, reason: string, checked: number): Known {
    const last = read(records, name);
    const lastGood = last?.kind === "route" ? last.text : undefined;
    complaints.bad(name, reason, lastGood);
    const known: Known =
      lastGood !== undefined ? { kind: "route", checked, text: lastGood } : { kind: "bad", checked, text: reason };
    store(records, name, known);
    absent.delete(name);
    return known;
  }

  function store(dict: SharedDict, name: string, known: Known): void {
    const [, err, forcible] = dict.set(name, encodeRecord(known));
    if (err !== undefined) {
      count("store_failures");
    } else if (forcible) {
      count("evictions");
    }
  }
}

function read(dict: SharedDict, name: string): Known | undefined {
  const [value] = dict.get(name);
  return value === undefined ? undefined : decodeRecord(value as string);
}

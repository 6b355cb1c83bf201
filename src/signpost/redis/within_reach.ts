import type { ReachProblem } from "../format/reach";
import { spaceOf } from "./key_spaces";
import type { ReadRoutes } from "./read_routes";
import type { Reading } from "./reading";

/** @returns the reading, or a bad one if it leads to an address that the settings do not allow. */
export function withinReach(reach: ReachProblem | undefined, name: string, reading: Reading): Reading {
  if (reach === undefined || reading.kind !== "good") return reading;
  for (const address of spaceOf(name).addressesOf(reading.text)) {
    const reason = reach(address);
    if (reason !== undefined) return { kind: "bad", reason };
  }
  return reading;
}

/** @returns a reader whose good readings lead only to addresses that the settings allow. */
export function readWithinReach(read: ReadRoutes, reach: ReachProblem | undefined): ReadRoutes {
  if (reach === undefined) return read;
  return (names) => {
    const [readings, err, detail] = read(names);
    if (err !== undefined) return $multi(undefined, err, detail);
    const allowed: Reading[] = [];
    for (const i of $range(0, names.length - 1)) {
      allowed.push(withinReach(reach, names[i] as string, readings[i] as Reading));
    }
    return $multi(allowed, undefined);
  };
}

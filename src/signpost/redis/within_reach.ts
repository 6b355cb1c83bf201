import type { Address } from "../format/address";
import { compilePool } from "../format/pool_definition";
import type { ReachProblem } from "../format/reach";
import { compileRoute } from "../format/route";
import type { Target } from "../format/target";
import { isPoolName } from "./keys";
import type { Reading } from "./reading";

/** @returns a reading that is bad if it was good, but leads where it may not */
export function withinReach(reach: ReachProblem | undefined, name: string, reading: Reading): Reading {
  if (reach === undefined || reading.kind !== "good") return reading;
  for (const address of addressesOf(name, reading.text)) {
    const reason = reach(address);
    if (reason !== undefined) return { kind: "bad", reason };
  }
  return reading;
}

/** All addresses in the text of a good record. */
function addressesOf(name: string, text: string): readonly Address[] {
  const addresses: Address[] = [];
  if (isPoolName(name)) {
    const [pool] = compilePool(text);
    for (const { address } of pool?.members ?? []) addresses.push(address);
    return addresses;
  }
  const [route] = compileRoute(text);
  if (route?.kind === "paths") {
    for (const { to } of route.paths) addPeers(to, addresses);
  } else if (route !== undefined && route.kind !== "no_backend") {
    addPeers(route, addresses);
  }
  return addresses;
}

function addPeers(target: Target, addresses: Address[]): void {
  if (target.kind !== "peers") return;
  for (const peer of target.peers) addresses.push(peer);
}

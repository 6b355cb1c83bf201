import type { Address } from "../format/address";
import { compilePool } from "../format/pool_definition";
import { compileRoute } from "../format/route";
import type { Target } from "../format/target";

/** @returns all addresses in the text of a good route. */
export function addressesOfRoute(text: string): readonly Address[] {
  const addresses: Address[] = [];
  const [route] = compileRoute(text);
  if (route?.kind === "paths") {
    for (const { to } of route.paths) addPeers(to, addresses);
  } else if (route !== undefined && route.kind !== "no_backend") {
    addPeers(route, addresses);
  }
  return addresses;
}

/** @returns the addresses of all members in the text of a good pool. */
export function addressesOfPool(text: string): readonly Address[] {
  const addresses: Address[] = [];
  const [pool] = compilePool(text);
  for (const { address } of pool?.members ?? []) addresses.push(address);
  return addresses;
}

function addPeers(target: Target, addresses: Address[]): void {
  if (target.kind !== "peers") return;
  for (const peer of target.peers) addresses.push(peer);
}

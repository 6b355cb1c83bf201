import type { Result } from "../result";
import { type Address, printHostPort } from "../format/address";
import type { Gate } from "../ports";
import type { Check } from "./check_schedule";
import type { OptionValues, StatusSet } from "../format/option_values";
import type { PoolDefinition } from "../format/pool_definition";

/** The part of a peer that checks need. */
export interface CheckedPeer {
  /** The canonical address. */
  readonly name: string;
  /** The key of its health; see `healthKey`. */
  readonly healthKey: string;
  /** 0 drains the peer: it is not checked. */
  readonly weight: number;
}

/** The part of a pool that checks need. */
export interface CheckedPool {
  readonly definition: PoolDefinition;
  /** One peer for each member of the definition, in the same order. */
  readonly peers: readonly CheckedPeer[];
}

/** A check that requests a path from a peer. */
export interface ProbeCheck extends Check {
  readonly address: Address;
  /** The `Host` header to send. */
  readonly hostHeader: string;
  readonly path: string;
  /** The statuses that mean that the peer is healthy. */
  readonly statuses: StatusSet;
}

/**
 * Makes a check, within its timeout. Yields.
 * @param stop opened when the outcome is no longer wanted: the check then ends at once, and its result means nothing
 * @returns the HTTP status; `failed`: there was no answer, and the detail says why
 */
export type Probe = (this: void, check: ProbeCheck, stop: Gate) => Result<number, "failed">;

/**
 * @returns a check for each member that gets requests; none for a pool without `health_path`. Checks of several pools
 * have the same `id` only if they send the same request and treat the answer in the same way.
 */
export function checksOf(poolName: string, pool: CheckedPool): readonly ProbeCheck[] {
  const { definition, peers } = pool;
  const checks: ProbeCheck[] = [];
  const path = definition.options.healthPath;
  if (path === undefined) return checks;
  for (const index of $range(0, peers.length - 1)) {
    const [peer, member] = [peers[index], definition.members[index]];
    if (peer !== undefined && member !== undefined && peer.weight > 0) {
      checks.push(newCheck(poolName, peer, member.address, path, definition.options));
    }
  }
  return checks;
}

function newCheck(pool: string, peer: CheckedPeer, address: Address, path: string, options: OptionValues): ProbeCheck {
  return {
    id: peer.healthKey,
    pool,
    peer: peer.name,
    address,
    hostHeader: options.host ?? printHostPort(address),
    path,
    statuses: options.healthStatus,
    interval: options.healthInterval,
    timeout: options.healthTimeout,
    rise: options.rise,
    fall: options.fall,
  };
}

import type { Result } from "../result";
import type { Address } from "../routing/address";
import { rememberAllUp } from "./all_up";
import { consistentHash } from "./consistent_hash";
import type { Health, HealthRules } from "./health";
import { leastConn } from "./least_conn";
import { newPeer, type Peer } from "./peer";
import { type Picker, type Random, withoutDrained } from "./picker";
import { compilePool, type PoolSpec, specOfAddresses } from "./pool_spec";
import { roundRobin } from "./round_robin";

/** A pool as a worker uses it. */
export interface Pool {
  readonly spec: PoolSpec;
  /** One for each member, those that drain too. */
  readonly peers: readonly Peer[];
  /** Shared with the pool that replaces this one, if that is balanced alike: from then on it picks among its peers. */
  readonly picker: Picker;
  /** Whether all members can be reached through the upstream block. */
  readonly isPoolable: boolean;
  /** See `rememberAllUp`; those that drain are not asked after, for nothing would ever bring them back. */
  readonly areAllUp: (this: void, clock: number) => boolean;
  /** The spec's, made once. */
  readonly rules: HealthRules;
}

/** What pools are made with. */
export interface PoolParts {
  readonly health: Health;
  readonly random: Random;
  /** Of 32 bits, signed or not. */
  readonly hash: (this: void, text: string) => number;
}

/**
 * Makes pools. `before` is the pool that the new one replaces: if both are balanced alike, the new one takes over its
 * picker, so that the rotation goes on, and requests under way stay counted, through a change of members or options.
 */
export interface PoolMaker {
  /**
   * @param text of a record: what `poolFromHash` and its like return
   * @returns `bad_pool` for any other text; `before` is then as it was
   */
  ofText(this: void, text: string, before: Pool | undefined): Result<Pool, "bad_pool">;
  /** The pool of the addresses, at least one, that a route names itself. No options; who is named twice weighs 2. */
  ofAddresses(this: void, addresses: readonly Address[], before: Pool | undefined): Pool;
}

/** The maker for one worker. */
export function poolMaker(parts: PoolParts): PoolMaker {
  return {
    ofText: (text, before) => {
      const [spec, err, detail] = compilePool(text);
      if (err !== undefined) return $multi(undefined, err, detail);
      return $multi(newPool(spec, before, parts), undefined);
    },
    ofAddresses: (addresses, before) => newPool(specOfAddresses(addresses), before, parts),
  };
}

function newPool(spec: PoolSpec, before: Pool | undefined, parts: PoolParts): Pool {
  const peers = peersOf(spec);
  const picker = before?.spec.balance === spec.balance ? before.picker : newPicker(spec, parts);
  picker.update(peers);
  return {
    spec,
    peers,
    picker,
    isPoolable: areAllPoolable(peers),
    areAllUp: rememberAllUp(withoutDrained(peers), parts.health),
    rules: { maxFails: spec.maxFails, failWindow: spec.failWindow, failTimeout: spec.failTimeout },
  };
}

function peersOf({ members }: PoolSpec): readonly Peer[] {
  const peers: Peer[] = [];
  for (const { address, weight } of members) peers.push(newPeer(address, weight));
  return peers;
}

function newPicker({ balance }: PoolSpec, { random, hash }: PoolParts): Picker {
  if (balance === "least_conn") return leastConn(random);
  if (balance === "hash") return consistentHash(hash);
  return roundRobin(random);
}

function areAllPoolable(peers: readonly Peer[]): boolean {
  for (const { isPoolable } of peers) {
    if (!isPoolable) return false;
  }
  return true;
}

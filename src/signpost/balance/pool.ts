import type { Result } from "../result";
import { type Address, printAddress } from "../format/address";
import { rememberAllUp } from "../health/all_up";
import { consistentHash } from "./consistent_hash";
import type { Health, HealthRules } from "../health/health";
import { leastConn } from "./least_conn";
import { onePeer } from "./one_peer";
import type { OptionValues } from "../format/option_values";
import { newPeer, type Peer } from "./peer";
import { type Picker, type Random, withoutDrained } from "./picker";
import { compilePool, definitionOfAddresses, NO_OPTIONS, type PoolDefinition } from "../format/pool_definition";
import { roundRobin } from "./round_robin";
import { withBackups } from "./with_backups";
import { type Digest, rulesId } from "../health/standing_rules";

/**
 * A pool as a worker uses it. Every host has one, mostly with a single backend, and a request is likely to find it
 * outside of the processor's cache. So it is small, and pools share the tables that are the same for most of them.
 */
export interface Pool {
  /** Distinguishes it from the other plans of a route (routing/plan.ts). */
  readonly kind: "backends";
  readonly definition: PoolDefinition;
  /** The options of the definition. */
  readonly options: OptionValues;
  /** Whether no option concerns the request itself: hashing, Host, timeouts, a fresh connection. */
  readonly isPlain: boolean;
  /**
   * One for each of the definition's members, in their order, including those that drain. Active checks use this list.
   */
  readonly peers: readonly Peer[];
  /** How many of its peers a request may try at most, without those that drain. */
  readonly tries: number;
  /** The peer of a route that names a single address: there is nothing to choose, to count or to try next. */
  readonly only: Peer | undefined;
  /** Balances requests: `members` alone, or `members` and `backups`. */
  readonly picker: Picker;
  /**
   * Passed on to the pool that replaces this one, if that has the same algorithm: it then picks among the new pool's
   * peers.
   */
  readonly members: Picker;
  /** The same for the members that get requests only while no other is up. Most pools have none. */
  readonly backups: Picker | undefined;
  /** Whether all members that get requests can be reached through the upstream block. */
  readonly isPoolable: boolean;
  /**
   * Whether all peers are up; see `rememberAllUp`. Members that drain do not count, because nothing would bring them
   * back. Backups count only if there are no other members.
   */
  readonly areAllUp: (this: void, clock: number) => boolean;
  /** The health rules of the options. */
  readonly rules: HealthRules;
}

/** What a pool maker needs of the worker. */
export interface PoolParts {
  readonly health: Health;
  readonly random: Random;
  /** A hash of 32 bits, signed or not. */
  readonly hash: (this: void, text: string) => number;
  readonly digest: Digest;
}

/**
 * Makes pools. `before` is the pool that the new one replaces. If both have the same algorithm, the new one takes over
 * the picker: the rotation goes on, and requests under way stay counted, when members or options change.
 */
export interface PoolMaker {
  /**
   * @param text a record's: what `poolFromHash` and similar functions return
   * @param name the pool's; no other pool may have it
   * @returns `bad_pool` for any other text; `before` is then as it was
   */
  ofText(this: void, text: string, before: Pool | undefined, name: string): Result<Pool, "bad_pool">;
  /**
   * The pool of the addresses, at least one, that a route names itself. It has no options; an address named twice
   * weighs 2.
   */
  ofAddresses(this: void, addresses: readonly Address[], before: Pool | undefined): Pool;
}

/** @returns one worker's maker */
export function poolMaker(parts: PoolParts): PoolMaker {
  /** Pools of one address, for as long as a route uses them: ten thousand hosts may have the same backend. */
  const singles = setmetatable(new LuaMap<string, Pool>(), { __mode: "v" });
  return {
    ofText: (text, before, name) => {
      const [definition, err, detail] = compilePool(text);
      if (err !== undefined) return $multi(undefined, err, detail);
      return $multi(poolOf(definition, rulesId(definition.options, name, parts.digest), before, parts), undefined);
    },
    ofAddresses: (addresses, before) => {
      const definition = definitionOfAddresses(addresses);
      const [single, second] = [definition.members[0], definition.members[1]];
      if (single === undefined || second !== undefined) return poolOf(definition, "", before, parts);
      const name = printAddress(single.address);
      const known = singles.get(name) ?? poolOfOne(newPeer(single.address, 1), definition, parts);
      singles.set(name, known);
      return known;
    },
  };
}

function poolOf(definition: PoolDefinition, rules: string, before: Pool | undefined, parts: PoolParts): Pool {
  const [peers, others, backups] = peersOf(definition, rules);
  const isAlike = before?.only === undefined && before?.options.balance === definition.options.balance;
  const members = isAlike ? before.members : newPicker(definition.options, parts);
  members.update(others);
  const reserve = isAlike ? before.backups : undefined;
  if (backups.length === 0) return newPool(definition, { peers, first: others, picker: members, members }, parts);

  const backupPicker = reserve ?? newPicker(definition.options, parts);
  backupPicker.update(backups);
  const first = withoutDrained(others).length > 0 ? others : backups;
  const picker = withBackups(members, backupPicker);
  return newPool(definition, { peers, first, picker, members, backups: backupPicker }, parts);
}

function poolOfOne(peer: Peer, definition: PoolDefinition, parts: PoolParts): Pool {
  const picker = onePeer(peer);
  return newPool(definition, { peers: [peer], first: [peer], picker, members: picker, only: peer }, parts);
}

/** What a pool is made of besides its options. */
interface Members {
  readonly peers: readonly Peer[];
  /** Those that get requests while they are up. */
  readonly first: readonly Peer[];
  readonly picker: Picker;
  readonly members: Picker;
  readonly backups?: Picker;
  readonly only?: Peer;
}

function newPool(definition: PoolDefinition, made: Members, parts: PoolParts): Pool {
  const { options } = definition;
  const weighty = withoutDrained(made.peers);
  return {
    kind: "backends",
    definition,
    options,
    isPlain: isPlain(options),
    peers: made.peers,
    tries: math.min(options.tries, weighty.length),
    only: made.only,
    picker: made.picker,
    members: made.members,
    backups: made.backups,
    isPoolable: areAllPoolable(weighty),
    areAllUp: rememberAllUp(withoutDrained(made.first), parts.health),
    rules: options === NO_OPTIONS ? DEFAULT_RULES : rulesOf(options),
  };
}

function isPlain(options: OptionValues): boolean {
  const { hashOn, host, connectTimeout, readTimeout, reuse } = options;
  const hasTimeout = connectTimeout !== undefined || readTimeout !== undefined;
  return hashOn === undefined && host === undefined && !hasTimeout && reuse === "always";
}

function rulesOf(options: OptionValues): HealthRules {
  const { maxFails, failWindow, failTimeout } = options;
  return { maxFails, failWindow, failTimeout };
}

const DEFAULT_RULES = rulesOf(NO_OPTIONS);

/** @returns all peers, in the order of the members; and the same peers in two groups */
function peersOf(
  definition: PoolDefinition,
  rules: string,
): LuaMultiReturn<[peers: readonly Peer[], others: readonly Peer[], backups: readonly Peer[]]> {
  const peers: Peer[] = [];
  const others: Peer[] = [];
  const backups: Peer[] = [];
  for (const { address, weight, isBackup } of definition.members) {
    const peer = newPeer(address, weight, rules);
    peers.push(peer);
    (isBackup === true ? backups : others).push(peer);
  }
  return $multi(peers, others, backups);
}

function newPicker(options: OptionValues, parts: PoolParts): Picker {
  if (options.balance === "least_conn") return leastConn(parts.random);
  if (options.balance === "hash") return consistentHash(parts.hash);
  return roundRobin(parts.random);
}

function areAllPoolable(peers: readonly Peer[]): boolean {
  for (const { isPoolable } of peers) {
    if (!isPoolable) return false;
  }
  return true;
}

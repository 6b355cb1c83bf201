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
import { compilePool, NO_OPTIONS, type PoolSpec, specOfAddresses } from "../format/pool_definition";
import { roundRobin } from "./round_robin";
import { withBackups } from "./with_backups";
import { type Digest, rulesId } from "../health/standing_rules";

/**
 * A pool as a worker uses it. Every host has one, mostly of a single backend, and what a request touches of it is likely
 * not in the processor's cache: so it is small, and what is the same for most is one table for all.
 */
export interface Pool {
  /** Among the plans that a route may come to (routing/plan.ts): to send requests here. */
  readonly kind: "backends";
  readonly spec: PoolSpec;
  /** The spec's. */
  readonly options: OptionValues;
  /** Whether no option asks for anything of the request itself: hashing it, its Host, timeouts, a fresh connection. */
  readonly isPlain: boolean;
  /** One for each of the spec's members, in their order; those that drain too. */
  readonly peers: readonly Peer[];
  /** How many of its peers a request may try at most: those that drain are none to try. */
  readonly tries: number;
  /** The single address that a route names: nothing to choose, to count or to try next. */
  readonly only: Peer | undefined;
  /** What requests are balanced with: `members`, or that and `backups`. */
  readonly picker: Picker;
  /** Shared with the pool that replaces this one, if that is balanced alike: it then picks among the new one's peers. */
  readonly members: Picker;
  /** The same for members that get requests only while no other is up; most pools have none. */
  readonly backups: Picker | undefined;
  /** Whether all members that get requests can be reached through the upstream block. */
  readonly isPoolable: boolean;
  /** See `rememberAllUp`; those that drain are not asked after, for nothing would ever bring them back; backups
   * only where there are no others. */
  readonly areAllUp: (this: void, clock: number) => boolean;
  /** Of the options. */
  readonly rules: HealthRules;
}

/** What pools are made with. */
export interface PoolParts {
  readonly health: Health;
  readonly random: Random;
  /** Of 32 bits, signed or not. */
  readonly hash: (this: void, text: string) => number;
  readonly digest: Digest;
}

/**
 * Makes pools. `before` is the pool that the new one replaces: if both are balanced alike, the new one takes over its
 * picker, so that the rotation goes on, and requests under way stay counted, through a change of members or options.
 */
export interface PoolMaker {
  /**
   * @param text of a record: what `poolFromHash` and its like return
   * @param name the pool's own: no other pool may have it
   * @returns `bad_pool` for any other text; `before` is then as it was
   */
  ofText(this: void, text: string, before: Pool | undefined, name: string): Result<Pool, "bad_pool">;
  /** The pool of the addresses, at least one, that a route names itself. No options; who is named twice weighs 2. */
  ofAddresses(this: void, addresses: readonly Address[], before: Pool | undefined): Pool;
}

/** The maker for one worker. */
export function poolMaker(parts: PoolParts): PoolMaker {
  /** As long as anybody uses them: ten thousand hosts may well have the same backend. */
  const singles = setmetatable(new LuaMap<string, Pool>(), { __mode: "v" });
  return {
    ofText: (text, before, name) => {
      const [spec, err, detail] = compilePool(text);
      if (err !== undefined) return $multi(undefined, err, detail);
      return $multi(poolOf(spec, rulesId(spec.options, name, parts.digest), before, parts), undefined);
    },
    ofAddresses: (addresses, before) => {
      const spec = specOfAddresses(addresses);
      const [single, second] = [spec.members[0], spec.members[1]];
      if (single === undefined || second !== undefined) return poolOf(spec, "", before, parts);
      const name = printAddress(single.address);
      const known = singles.get(name) ?? poolOfOne(newPeer(single.address, 1), spec, parts);
      singles.set(name, known);
      return known;
    },
  };
}

function poolOf(spec: PoolSpec, rules: string, before: Pool | undefined, parts: PoolParts): Pool {
  const [peers, others, backups] = peersOf(spec, rules);
  const isAlike = before?.only === undefined && before?.options.balance === spec.options.balance;
  const members = isAlike ? before.members : newPicker(spec.options, parts);
  members.update(others);
  const reserve = isAlike ? before.backups : undefined;
  if (backups.length === 0) return newPool(spec, { peers, first: others, picker: members, members }, parts);

  const backupPicker = reserve ?? newPicker(spec.options, parts);
  backupPicker.update(backups);
  const first = withoutDrained(others).length > 0 ? others : backups;
  const picker = withBackups(members, backupPicker);
  return newPool(spec, { peers, first, picker, members, backups: backupPicker }, parts);
}

function poolOfOne(peer: Peer, spec: PoolSpec, parts: PoolParts): Pool {
  const picker = onePeer(peer);
  return newPool(spec, { peers: [peer], first: [peer], picker, members: picker, only: peer }, parts);
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

function newPool(spec: PoolSpec, made: Members, { health }: PoolParts): Pool {
  const { options } = spec;
  const weighty = withoutDrained(made.peers);
  return {
    kind: "backends",
    spec,
    options,
    isPlain: isPlain(options),
    peers: made.peers,
    tries: math.min(options.tries, weighty.length),
    only: made.only,
    picker: made.picker,
    members: made.members,
    backups: made.backups,
    isPoolable: areAllPoolable(weighty),
    areAllUp: rememberAllUp(withoutDrained(made.first), health),
    rules: options === NO_OPTIONS ? DEFAULT_RULES : rulesOf(options),
  };
}

function isPlain({ hashOn, host, connectTimeout, readTimeout, reuse }: OptionValues): boolean {
  const hasTimeout = connectTimeout !== undefined || readTimeout !== undefined;
  return hashOn === undefined && host === undefined && !hasTimeout && reuse === "always";
}

function rulesOf({ maxFails, failWindow, failTimeout }: OptionValues): HealthRules {
  return { maxFails, failWindow, failTimeout };
}

const DEFAULT_RULES = rulesOf(NO_OPTIONS);

/** @returns all peers, in the order of the members; and the same in two groups. */
function peersOf(
  { members }: PoolSpec,
  rules: string,
): LuaMultiReturn<[peers: readonly Peer[], others: readonly Peer[], backups: readonly Peer[]]> {
  const peers: Peer[] = [];
  const others: Peer[] = [];
  const backups: Peer[] = [];
  for (const { address, weight, isBackup } of members) {
    const peer = newPeer(address, weight, rules);
    peers.push(peer);
    (isBackup === true ? backups : others).push(peer);
  }
  return $multi(peers, others, backups);
}

function newPicker({ balance }: OptionValues, { random, hash }: PoolParts): Picker {
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

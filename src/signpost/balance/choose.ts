import type { Health, HealthRules } from "../health/health";
import type { Peer } from "./peer";
import type { MayTake } from "./picker";
import type { Pool } from "./pool";

/**
 * A peer that was picked for a request. The caller must end the pick with `letGo`, or with the picker's own `done`.
 *
 * `trial`: no other request has this peer, and the outcome must be reported. `anyway`: the peer is out, but there is
 * no other.
 */
export interface Choice {
  readonly peer: Peer;
  readonly as: "up" | "trial" | "anyway";
}

/**
 * Gives a request its first peer.
 * @noSelf
 */
export interface Chooser {
  /**
   * @param key see `Picker.pick`
   * @param clock the change clock that the pool is valid for
   * @returns a peer as in `Choice`; nothing if no peer may be taken
   */
  choose(
    pool: Pool,
    key: number,
    clock: number,
  ): LuaMultiReturn<[peer: Peer, as: Choice["as"]] | [peer: undefined, as: undefined]>;
  /** Takes back a peer that the request is not sent to after all. Call it once for a choice. */
  giveBack(pool: Pool, peer: Peer, as: Choice["as"]): void;
}

/** @returns the chooser of a worker's requests. While all peers of a pool are up, it asks `health` nothing. */
export function newChooser(health: Health): Chooser {
  return {
    choose: (pool, key, clock) => {
      if (pool.areAllUp(clock)) {
        const peer = pool.only ?? pool.picker.pick(isAnyone, key);
        if (peer === undefined) return $multi(undefined, undefined);
        return $multi(peer, "up");
      }
      const choice = chooseCarefully(pool, health, key, NOT_TRIED);
      if (choice === undefined) return $multi(undefined, undefined);
      return $multi(choice.peer, choice.as);
    },
    giveBack: (pool, peer, as) => {
      letGo(pool, peer, false);
      if (as === "trial") health.trialUnused(peer.healthKey);
    },
  };
}

export { chooseUp };

/** No names. */
const NOT_TRIED = new LuaSet<string>();

/**
 * Chooses while all of the pool's peers are up. Costs one pick and no table.
 *
 * @param key see `Picker.pick`
 * @returns nothing if all members drain; see `chooseCarefully`
 */
function chooseUp(pool: Pool, key: number): Peer | undefined {
  return pool.only ?? pool.picker.pick(isAnyone, key);
}

/**
 * Gives a peer back when the request no longer uses it. Call it once for each choice.
 *
 * @param wasSent false if the request never went there, because it was answered elsewhere (no password, a cached page)
 */
export function letGo(pool: Pool, peer: Peer, wasSent: boolean): void {
  if (pool.only !== undefined) return;
  if (wasSent) {
    pool.picker.done(peer);
  } else {
    pool.picker.giveBack(peer);
  }
}

/**
 * Chooses when not all peers are known to be up, or for a further try. It takes a peer that was not tried yet and is
 * up, or one that is due if this request wins its trial. If there is none, all peers that are left are out. With
 * `all_down try` one of them is chosen anyway: this node's view may be wrong. With `all_down fail` none is.
 *
 * A member that drains is never chosen. So a pool whose members all have weight 0 gives none, whatever `all_down` says.
 *
 * @param tried the names of the peers that this request has tried; it stays as it is
 * @returns nothing, too, when all have been tried: the caller then ends the request
 */
export function chooseCarefully(pool: Pool, health: Health, key: number, tried: LuaSet<string>): Choice | undefined {
  const isLeft = (peer: Peer) => !tried.has(peer.name) && isReachable(pool, peer);
  const choice = chooseStanding(pool, health, key, isLeft);
  if (choice !== undefined || pool.options.allDown === "fail") return choice;
  const peer = pool.picker.pick(isLeft, key);
  return peer !== undefined ? { peer, as: "anyway" } : undefined;
}

function isAnyone(): boolean {
  return true;
}

/**
 * Whether the request can get to the peer. A request in the upstream block cannot have a peer that must go by address.
 * Its pool's picker may give one all the same: a newer pool with such members may have taken the picker over.
 */
function isReachable(pool: Pool, peer: Peer): boolean {
  return peer.isPoolable || !pool.isPoolable;
}

/** Chooses among the peers that are not out. */
function chooseStanding(pool: Pool, health: Health, key: number, isLeft: MayTake): Choice | undefined {
  const { picker, rules } = pool;
  const lost = new LuaSet<string>();
  const mayTake = (peer: Peer) => isLeft(peer) && !lost.has(peer.name) && health.standing(peer.healthKey) !== "out";

  let peer = picker.pick(mayTake, key);
  while (peer !== undefined) {
    const as = win(peer.healthKey, health, rules);
    if (as !== undefined) return { peer, as };
    picker.done(peer);
    lost.add(peer.name);
    peer = picker.pick(mayTake, key);
  }
  return undefined;
}

/** @returns nothing if a request of any worker was faster: it has the trial, or had it and the peer is out again */
function win(key: string, health: Health, rules: HealthRules): "up" | "trial" | undefined {
  const standing = health.standing(key);
  if (standing === "up") return "up";
  if (standing === "due" && health.claimTrial(key, rules)) return "trial";
  return standing === "due" && health.standing(key) === "up" ? "up" : undefined;
}

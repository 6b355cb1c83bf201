import { Peer } from "./peer";

/**
 * Whether a request may get this peer: it is up, and this request has not tried it before. A picker asks about any
 * number of peers, and may ask twice about one: the function must change nothing.
 */
export type MayTake = (this: void, peer: Peer) => boolean;

/**
 * Chooses among a pool's peers, for one worker. A peer of weight 0 is never chosen: a pool whose last member drains
 * gives none rather than a peer that an operator has taken out of service.
 * @noSelf
 */
export interface Picker {
  /**
   * Chooses a peer for one request, and again after a failure.
   * @param key the hash of what the pool hashes on; the other algorithms ignore it
   * @returns nothing if no peer may be taken
   */
  pick(mayTake: MayTake, key: number): Peer | undefined;
  /** Ends a pick: the request is over, or tries another peer. Call it once for each pick. */
  done(peer: Peer): void;
  /** Undoes a pick, in place of `done`: the request was never sent, so the pick must not count. */
  giveBack(peer: Peer): void;
  /**
   * Sets the members and weights. State of members that stay is kept: the rotation goes on, counts stay.
   * @param peers of different names, in any order
   */
  update(peers: readonly Peer[]): void;
}

/** @returns a number from 0 up to, not including, 1 */
export type Random = (this: void) => number;

/** Whether all peers have the same weight: a rotation then needs no weights. */
export function weighTheSame(peers: readonly Peer[]): boolean {
  const first = peers[0];
  for (const peer of peers) {
    if (peer.weight !== first?.weight) return false;
  }
  return true;
}

/** @returns the peers that can be chosen: those that do not drain */
export function withoutDrained(peers: readonly Peer[]): readonly Peer[] {
  const weighty: Peer[] = [];
  for (const peer of peers) {
    if (peer.weight > 0) weighty.push(peer);
  }
  return weighty;
}

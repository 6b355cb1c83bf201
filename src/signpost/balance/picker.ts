import { Peer } from "./peer";

/**
 * Whether a request may be given this peer: it is up, and this request has not tried it before. A picker asks it of as
 * many peers as it needs to, and may ask twice of one: it must change nothing.
 */
export type MayTake = (this: void, peer: Peer) => boolean;

/**
 * Chooses among a pool's peers, for one worker. A peer of weight 0 is never chosen; so a pool whose last member drains
 * gives none, rather than bring back what somebody has taken out of service.
 * @noSelf
 */
export interface Picker {
  /**
   * Chooses a peer for one request, and again when that one failed.
   * @param key the hash of what the pool hashes on; the other algorithms do not look at it
   * @returns nothing if there is none that may be taken
   */
  pick(mayTake: MayTake, key: number): Peer | undefined;
  /** What was picked is no longer used: the request is over, or tries another peer. Once for each pick. */
  done(peer: Peer): void;
  /** In place of `done`: the request was never sent. So the pick must count for nothing. */
  giveBack(peer: Peer): void;
  /**
   * The members and weights from now on. What is known of members that stay is kept: the rotation goes on, counts stay.
   * @param peers of different names, in any order
   */
  update(peers: readonly Peer[]): void;
}

/** @returns a number from 0 up to, not including, 1 */
export type Random = (this: void) => number;

/** Whether all weigh the same: then whole numbers, or none, do what weights would. */
export function weighTheSame(peers: readonly Peer[]): boolean {
  const first = peers[0];
  for (const peer of peers) {
    if (peer.weight !== first?.weight) return false;
  }
  return true;
}

/** The peers that can be chosen at all. */
export function withoutDrained(peers: readonly Peer[]): readonly Peer[] {
  const weighty: Peer[] = [];
  for (const peer of peers) {
    if (peer.weight > 0) weighty.push(peer);
  }
  return weighty;
}

import { Peer } from "./peer";
import { Picker, withoutDrained } from "./picker";

/** A member and what makes its draws its own. */
interface Candidate {
  readonly peer: Peer;
  readonly seed: number;
}

/**
 * The same peer for the same key, on every worker and node. Each peer draws a number for the key, and the peer with
 * the highest number gets it (rendezvous hashing). So the keys of a peer that is down or gone go to the peer that drew
 * the second highest for each, which spreads them over all, and come back with it; no other key moves; and a change of
 * weight moves the keys it must and no others.
 *
 * Why not a ring of virtual nodes or Maglev's table: these pick faster among hundreds of peers, but must be built anew
 * for every change (for 100 peers, milliseconds and a megabyte in every worker), share out unevenly unless they are
 * big, and a peer that is down makes its neighbour take all. Here an update costs a hash for each peer and there is no
 * table; a pick draws for each peer.
 *
 * @param hash of 32 bits, signed or not, of a peer's name
 */
export function consistentHash(hash: (this: void, text: string) => number): Picker {
  let candidates: readonly Candidate[] = [];

  return {
    pick: (mayTake, key) => {
      let best: Peer | undefined = undefined;
      let highest = -math.huge;
      for (const { peer, seed } of candidates) {
        const fraction = draw(key ^ seed);
        // A logarithm is never greater than this bound, which is cheap and rules out nearly all peers.
        if ((fraction - 1) / peer.weight > highest) {
          const score = math.log(fraction) / peer.weight;
          if (score > highest && mayTake(peer)) {
            highest = score;
            best = peer;
          }
        }
      }
      return best;
    },
    done: () => {},
    giveBack: () => {},
    update: (peers) => {
      candidates = enlist(withoutDrained(peers), hash);
    },
  };
}

/** In the order of their names, so that even a draw decides the same everywhere. */
function enlist(peers: readonly Peer[], hash: (this: void, text: string) => number): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const peer of peers) candidates.push({ peer, seed: mix(hash(peer.name)) });
  table.sort(candidates, (a, b) => a.peer.name < b.peer.name);
  return candidates;
}

/** @returns a number between 0 and 1. Its logarithm divided by a weight is the highest as often as the weight says. */
function draw(number: number): number {
  return (mix(number) + 2147483648.5) / 4294967296;
}

/**
 * Makes 32 bits of which each depends on every bit of the number. Products must not exceed 2^51, because LuaJIT's
 * `bit` truncates larger ones inexactly. So the factors have 19 bits, and there are three.
 */
function mix(number: number): number {
  let bits = number ^ (number >>> 16);
  bits = (bits * 0x7feb3) | 0;
  bits ^= bits >>> 15;
  bits = (bits * 0x6ca6b) | 0;
  bits ^= bits >>> 13;
  bits = (bits * 0x5bd1f) | 0;
  return bits ^ (bits >>> 16);
}

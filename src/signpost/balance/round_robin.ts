import { Peer } from "./peer";
import { MayTake, Picker, Random, weighTheSame, withoutDrained } from "./picker";

/** A member and its place in the rotation. */
interface Turn {
  peer: Peer;
  /** How much it is owed: the member that is owed most is next. */
  credit: number;
}

/**
 * Smooth weighted round robin, as in nginx: each peer in turn, as often as its weight says, with its turns spread
 * evenly among those of the others. Weights 5, 1, 1 give a a b a c a a. A peer that is down loses its turn, not its
 * place. While all weights are equal, the cost of a pick does not grow with the number of peers; otherwise a pick
 * looks at each.
 *
 * @param random chooses where the rotation begins, so that not all workers begin with the same peer
 */
export function roundRobin(random: Random): Picker {
  let turns: Turn[] = [];
  let isWeighted = false;
  /** While all weights are equal, `turns` is the rotation itself, and this is the index of the last pick. */
  let last = -1;
  /**
   * Turns that were given back: the next requests get them. Otherwise a client that sends every other request without
   * its password, for example, would always get the same peer. There are at most as many as requests were under way at
   * once.
   */
  let returned: Peer[] = [];

  const takeReturned = (mayTake: MayTake) => {
    let peer = returned.pop();
    // A peer that is down loses its turn.
    while (peer !== undefined && !mayTake(peer)) peer = returned.pop();
    return peer;
  };

  const pickNext = (mayTake: MayTake) => {
    const count = turns.length;
    for (const step of $range(1, count)) {
      const index = (last + step) % count;
      const turn = turns[index];
      if (turn !== undefined && mayTake(turn.peer)) {
        last = index;
        return turn.peer;
      }
    }
    return undefined;
  };

  return {
    pick: (mayTake) => {
      const peer = returned[0] !== undefined ? takeReturned(mayTake) : undefined;
      if (peer !== undefined) return peer;
      if (isWeighted) return pickWeighted(turns, mayTake);
      return pickNext(mayTake);
    },
    done: () => {},
    giveBack: (peer) => {
      if (isAmong(turns, peer)) returned.push(peer);
    },
    update: (peers) => {
      returned = [];
      if (!isWeighted) creditByPlace(turns, last);
      const weighty = withoutDrained(peers);
      isWeighted = !weighTheSame(weighty);
      turns = merge(turns, weighty, random, isWeighted);
      if (!isWeighted) {
        table.sort(turns, (a, b) => a.credit > b.credit);
        last = -1;
      }
    },
  };
}

/** Whether the peer is still a member, with the same weight. */
function isAmong(turns: readonly Turn[], peer: Peer): boolean {
  for (const turn of turns) {
    if (turn.peer === peer) return true;
  }
  return false;
}

/** Each peer's credit grows by its weight; the peer with the most credit is picked and pays the sum. */
function pickWeighted(turns: readonly Turn[], mayTake: MayTake): Peer | undefined {
  let best: Turn | undefined = undefined;
  let earned = 0;
  for (const turn of turns) {
    if (mayTake(turn.peer)) {
      turn.credit += turn.peer.weight;
      earned += turn.peer.weight;
      if (best === undefined || turn.credit > best.credit) best = turn;
    }
  }
  if (best === undefined) return undefined;
  best.credit -= earned;
  return best.peer;
}

/** Turns places in the rotation into credits: the next member is owed a whole turn, the last one none. */
function creditByPlace(turns: readonly Turn[], last: number): void {
  const count = turns.length;
  let index = 0;
  for (const turn of turns) {
    const wait = (index - last - 1 + count) % count;
    turn.credit = turn.peer.weight * (1 - wait / count);
    index += 1;
  }
}

/** Keeps the credit of members that stay. Newcomers owe up to a turn, so that they come last. */
function merge(turns: readonly Turn[], peers: readonly Peer[], random: Random, isWeighted: boolean): Turn[] {
  const known = new LuaMap<string, Turn>();
  for (const turn of turns) known.set(turn.peer.name, turn);

  const merged: Turn[] = [];
  const newcomers: Peer[] = [];
  for (const peer of peers) {
    const turn = known.get(peer.name);
    if (turn === undefined) {
      newcomers.push(peer);
    } else {
      turn.peer = peer;
      merged.push(turn);
    }
  }
  if (isWeighted) boundCredits(merged);
  for (const peer of newcomers) merged.push({ peer, credit: (random() - 1) * peer.weight });
  return merged;
}

/**
 * Limits credits to what the rotation itself can reach. Otherwise a member whose weight was lowered would wait out its
 * old share, and members that come and go would leave credit to the others, so that a newcomer waited long for its
 * first turn.
 */
function boundCredits(turns: readonly Turn[]): void {
  let total = 0;
  for (const turn of turns) total += turn.peer.weight;
  for (const turn of turns) turn.credit = math.max(-total, math.min(turn.credit, total));
}

import { Peer } from "./peer";
import { MayTake, Picker, Random, withoutDrained } from "./picker";

/** A member, or a former one that still has requests. */
interface Load {
  peer: Peer;
  /** Requests of this worker that were given to it and are not over. */
  inFlight: number;
}

/** How many draws may hit a peer that may not be taken before all peers are examined. */
const DRAWS = 4;

/**
 * Power of two choices: the less busy of two peers that are drawn at random, by weight. Busy means requests of this
 * worker per unit of weight. Two draws are nearly as good as examining all peers, their cost does not grow with the
 * number of peers, and workers, which do not know each other's requests, do not all choose the same peer.
 *
 * Every pick must be reported as `done`; otherwise that peer looks busy for ever.
 */
export function leastConn(random: Random): Picker {
  let loads = new LuaMap<string, Load>();
  let members: readonly Load[] = [];
  /** For each member, the sum of the weights up to and including its own. */
  let sums: readonly number[] = [];

  const draw = (mayTake: MayTake, besides?: Load) => {
    const total = sums[sums.length - 1] ?? 0;
    for (const _ of $range(1, DRAWS)) {
      const load = members[firstAbove(sums, random() * total)];
      if (load !== undefined && load !== besides && mayTake(load.peer)) return load;
    }
    return undefined;
  };

  const choose = (mayTake: MayTake) => {
    const one = draw(mayTake);
    if (one === undefined) return leastBusy(members, mayTake, random);
    if (members.length === 1) return one;
    const other = draw(mayTake, one);
    if (other === undefined) return leastBusy(members, mayTake, random, one);
    return isLessBusy(other, one) ? other : one;
  };

  const done = (peer: Peer) => {
    const load = loads.get(peer.name);
    if (load !== undefined && load.inFlight > 0) load.inFlight -= 1;
  };

  return {
    pick: (mayTake) => {
      const load = choose(mayTake);
      if (load === undefined) return undefined;
      load.inFlight += 1;
      return load.peer;
    },
    done,
    giveBack: done,
    update: (peers) => {
      loads = withRequests(loads);
      members = join(loads, withoutDrained(peers));
      sums = addUp(members);
    },
  };
}

/**
 * Examines all members; among equally busy ones it draws, by weight.
 * @param drawn wins against members that are as busy: it was drawn already
 */
function leastBusy(members: readonly Load[], mayTake: MayTake, random: Random, drawn?: Load): Load | undefined {
  let best = drawn;
  let tiedWeight = drawn === undefined ? 0 : math.huge;
  for (const load of members) {
    if (mayTake(load.peer) && (best === undefined || !isLessBusy(best, load))) {
      const weight = load.peer.weight;
      const isTied = best !== undefined && !isLessBusy(load, best);
      tiedWeight = isTied ? tiedWeight + weight : weight;
      if (!isTied || random() * tiedWeight < weight) best = load;
    }
  }
  return best;
}

function isLessBusy(a: Load, b: Load): boolean {
  return a.inFlight * b.peer.weight < b.inFlight * a.peer.weight;
}

/** @returns the index of the first of the ascending numbers that is greater; the last if none is */
function firstAbove(numbers: readonly number[], value: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = math.floor((low + high) / 2);
    if ((numbers[middle] ?? 0) > value) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/** @returns the members with requests: a peer that is taken out and put back keeps its count */
function withRequests(loads: LuaMap<string, Load>): LuaMap<string, Load> {
  const busy = new LuaMap<string, Load>();
  for (const [name, load] of loads) {
    if (load.inFlight > 0) busy.set(name, load);
  }
  return busy;
}

function join(loads: LuaMap<string, Load>, peers: readonly Peer[]): readonly Load[] {
  const members: Load[] = [];
  for (const peer of peers) {
    const load = loads.get(peer.name) ?? { peer, inFlight: 0 };
    load.peer = peer;
    loads.set(peer.name, load);
    members.push(load);
  }
  return members;
}

function addUp(members: readonly Load[]): readonly number[] {
  const sums: number[] = [];
  let sum = 0;
  for (const { peer } of members) {
    sum += peer.weight;
    sums.push(sum);
  }
  return sums;
}

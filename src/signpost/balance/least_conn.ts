import { Peer } from "./peer";
import { MayTake, Picker, Random, withoutDrained } from "./picker";

/** A member, or a former one that still has requests. */
interface Load {
  peer: Peer;
  /** Requests of this worker that it was picked for and that are not over. */
  inFlight: number;
}

/** How often a peer is drawn that may not be taken, before all are looked at. */
const DRAWS = 4;

/**
 * The less busy of two peers drawn by chance, by weight: busy is how many requests of this worker it has for each unit of
 * weight. Two draws are nearly as good as looking at all, cost the same however many peers there are, and keep workers,
 * who do not know of each other's requests, from all running to the same one.
 *
 * Every pick must be reported as `done`, or that peer looks busy for ever.
 */
export function leastConn(random: Random): Picker {
  let loads = new LuaMap<string, Load>();
  let members: readonly Load[] = [];
  /** For each member, the sum of the weights up to and with it. */
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
 * Looks at all; by chance, by weight, among those that are equally busy.
 * @param drawn wins against those that are as busy: chance has chosen it already
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

/** Those worth remembering: a peer that is taken out and put back has not lost its requests meanwhile. */
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

import { Peer } from "./peer";
import { Picker } from "./picker";

/** No choice: this peer, or none. It has no members but this one, whatever it is told. */
export function onePeer(peer: Peer): Picker {
  return { pick: (mayTake) => (mayTake(peer) ? peer : undefined), done: nothing, giveBack: nothing, update: nothing };
}

function nothing(this: void): void {}

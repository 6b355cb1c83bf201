import { Peer } from "./peer";
import { Picker } from "./picker";

/** Always picks the same peer, if it may be taken. Updates change nothing. */
export function onePeer(peer: Peer): Picker {
  return { pick: (mayTake) => (mayTake(peer) ? peer : undefined), done: nothing, giveBack: nothing, update: nothing };
}

function nothing(this: void): void {}

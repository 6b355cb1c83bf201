import { Picker } from "./picker";

/**
 * Picks a backup only when no other member may be taken. Each of the two groups is balanced by itself, and either picker
 * outlasts this one.
 */
export function withBackups(members: Picker, backups: Picker): Picker {
  return {
    pick: (mayTake, key) => members.pick(mayTake, key) ?? backups.pick(mayTake, key),
    // Whichever has picked it; of the other, it has no requests.
    done: (peer) => {
      members.done(peer);
      backups.done(peer);
    },
    giveBack: (peer) => {
      members.giveBack(peer);
      backups.giveBack(peer);
    },
    // The pool updates both by themselves.
    update: () => {},
  };
}

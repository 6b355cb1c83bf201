import { Picker } from "./picker";

/**
 * Picks a backup only when no other member may be taken. Each of the two groups is balanced by itself, by a picker that
 * outlives this one.
 */
export function withBackups(members: Picker, backups: Picker): Picker {
  return {
    pick: (mayTake, key) => members.pick(mayTake, key) ?? backups.pick(mayTake, key),
    // Only one of the two has picked it; the other ignores it.
    done: (peer) => {
      members.done(peer);
      backups.done(peer);
    },
    giveBack: (peer) => {
      members.giveBack(peer);
      backups.giveBack(peer);
    },
    // The pool updates the two pickers itself.
    update: () => {},
  };
}

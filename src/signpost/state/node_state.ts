import { Clock, SharedDict } from "../ports";
import { HashName } from "./buckets";
import { ChangeClock, newChangeClock } from "./change_clock";
import { Completeness, newCompleteness } from "./completeness";
import { Epochs, newEpochs } from "./epochs";
import { STATE_KEYS } from "./keys";
import { newLock, RunAlone } from "./lock";
import { growingNumbers } from "./numbers";
import { newTickets, Tickets } from "./tickets";

/**
 * The state about changes that all workers of a node share, in the state dict.
 *
 * `prepare` creates the few entries that everything else depends on before there are workers. Later writes overwrite
 * them in place, which needs no memory, and `touch` keeps them from becoming the least recently used. Apart from this
 * state and the lease, nothing writes to the state dict in a way that evicts. Tickets and locks evict here if there is
 * no other room, because nothing is correct without them. In a dict too small for them, or while workers of version
 * 0.1.0 share it, any entry may still be lost. Losing one is safe: it costs reads, and never causes an old answer.
 */
export interface NodeState {
  readonly changeClock: ChangeClock;
  readonly epochs: Epochs;
  readonly tickets: Tickets;
  readonly alone: RunAlone;
  readonly completeness: Completeness;
  /** Creates what is missing, so that later steps need no memory. Before there are workers. */
  readonly prepare: (this: void) => void;
  /** Uses the entries that must stay, and notes the newest epoch. Each worker calls it several times a second. */
  readonly touch: (this: void) => void;
}

/** Entries that are seldom used and must last. */
const LASTING = [
  STATE_KEYS.epochs,
  STATE_KEYS.marks,
  STATE_KEYS.mark,
  STATE_KEYS.complete,
  STATE_KEYS.forgotten,
] as const;

/**
 * @param hash spreads names over tickets and locks
 * @param dicts hold what workers remember; with none, everything counts as evicted
 */
export function newNodeState(
  state: SharedDict,
  hash: HashName,
  now: Clock,
  dicts: readonly SharedDict[] = [],
): NodeState {
  const numbers = growingNumbers(state);
  const changeClock = newChangeClock(state, numbers, now, dicts);
  const completeness = newCompleteness(state);
  const epochs = newEpochs(state, numbers, now, changeClock, completeness);
  return {
    changeClock,
    epochs,
    tickets: newTickets(state, numbers, hash, now),
    alone: newLock(state, hash, now),
    completeness,
    prepare: () => {
      changeClock.prepare();
      epochs.prepareNumbers();
      // Workers of version 0.1.0 that still watch after a reload read it as: records may have been evicted.
      state.set(STATE_KEYS.forgotten, 1); // dropped: it matters only to such workers, for a moment
    },
    touch: () => {
      for (const key of LASTING) {
        numbers.read(key);
      }
      epochs.note();
    },
  };
}

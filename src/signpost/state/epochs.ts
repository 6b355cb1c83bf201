import { Clock, SharedDict } from "../ports";
import { ChangeClock } from "./change_clock";
import { Completeness } from "./completeness";
import { STATE_KEYS } from "./keys";
import { GrowingNumbers } from "./numbers";

/**
 * Epochs number the times that the tracking connection was made. A record that was read in another epoch may have
 * missed a push. Without tracking, the current epoch is 0.
 *
 * @noSelf
 */
export interface Epochs {
  /** @returns the current epoch; 0 without tracking. */
  current(): number;
  /** Begins an epoch: tracking has begun or has missed something, so every record is re-read before its next use. */
  begin(): number;
  /** @returns the number of an epoch that is yet to begin, for records that will be valid in it. */
  prepare(): number;
  /** Begins a prepared epoch. Does nothing if a later one has begun since. */
  publish(epoch: number): void;
  /** Ends the tracking of that epoch. Does nothing if another has begun since. */
  finish(epoch: number): void;
  /**
   * Whether a record of epoch `read` is valid in epoch `current`: it was read in it, or for an epoch prepared since.
   * A routes file is stored route by route for the coming epoch, and each route serves at once. So do the routes of a
   * load that failed half-way, because what they replaced is gone. A number that was never given out is not valid.
   */
  covers(current: number, read: number): boolean;
  /** Remembers the newest epoch, so that this worker can go on from it if the dict loses it. */
  note(): void;
  /** Creates the numbers. Before there are workers. */
  prepareNumbers(): void;
}

/** @returns the epochs of a node. Moves the clock whenever the current epoch changes. */
export function newEpochs(
  state: SharedDict,
  numbers: GrowingNumbers,
  now: Clock,
  changeClock: ChangeClock,
  completeness: Completeness,
): Epochs {
  /** The greatest epoch that this worker has seen: in a burst, more than one epoch may begin in a second. */
  let newestSeen = 0;
  const noted = (epoch: number) => {
    newestSeen = math.max(newestSeen, epoch);
    return epoch;
  };
  /** Seconds since 1970, because an epoch is stored in 32 bits. */
  const first = () => math.max(math.floor(now()), newestSeen);

  const current = () => noted(numbers.read(STATE_KEYS.epoch));

  const prepare = () => {
    const epoch = numbers.move(STATE_KEYS.epochs, first);
    if (epoch > newestSeen) {
      return noted(epoch);
    }
    // The number was lost, and a worker that had seen fewer epochs began it anew.
    const [raised] = state.incr(STATE_KEYS.epochs, newestSeen + 1 - epoch);
    return noted(raised ?? newestSeen + 1);
  };

  const publish = (epoch: number) => {
    if (numbers.read(STATE_KEYS.epoch) < epoch) {
      state.set(STATE_KEYS.epoch, epoch); // dropped: a number over a number always has room
    }
    completeness.revoke();
    changeClock.move();
  };

  return {
    current,
    prepare,
    publish,
    begin: () => {
      const epoch = prepare();
      publish(epoch);
      return epoch;
    },
    finish: (epoch) => {
      if (numbers.read(STATE_KEYS.epoch) === epoch) {
        state.set(STATE_KEYS.epoch, 0); // dropped: a number over a number always has room
        changeClock.move();
      }
    },
    covers: (epoch, read) => read === epoch || (read > epoch && read <= numbers.read(STATE_KEYS.epochs)),
    note: () => {
      current();
    },
    prepareNumbers: () => {
      numbers.readOrBegin(STATE_KEYS.epochs, first);
      numbers.readOrBegin(STATE_KEYS.epoch, () => 0);
    },
  };
}

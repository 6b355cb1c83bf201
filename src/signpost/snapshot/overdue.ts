import { Clock, Log, SafeDict } from "../ports";
import { STATE_KEYS } from "../state/keys";
import { mustSay } from "../state/said_once";

/** What noticing an overdue snapshot takes. */
export interface OverdueParts {
  readonly path: string;
  readonly state: SafeDict;
  /** At most so often a snapshot is written, seconds. */
  readonly interval: number;
  readonly now: Clock;
  readonly log: Log;
}

/**
 * Says when no snapshot was written for too long, whatever the reason: it fails, it takes too long, or workers take over
 * from each other before any of them is done. It says so once, and once more when there is one again. All workers of the
 * node share what it knows.
 */
export interface Overdue {
  /** A snapshot is to be written, or being written. */
  readonly due: (this: void) => void;
  readonly written: (this: void) => void;
}

/** Since when one is due, seconds since 1970; and whether that was said. */
const DUE = STATE_KEYS.snapshotDue;
const SAID = STATE_KEYS.snapshotOverdue;

/** After how many intervals a snapshot that is due is overdue. A million routes take half a minute to write. */
const INTERVALS = 5;
const LEAST_SECONDS = 60;

export function newOverdue({ path, state, interval, now, log }: OverdueParts): Overdue {
  const most = math.max(INTERVALS * interval, LEAST_SECONDS);
  const waited = () => {
    const [since] = state.get(DUE);
    return typeof since === "number" ? now() - since : 0;
  };
  return {
    due: () => {
      state.safe_add(DUE, now()); // dropped: it is due already; or there is no room, and an overdue one is not noticed
      const seconds = waited();
      if (seconds < 0) {
        state.safe_set(DUE, now()); // dropped: a number over a number always has room
      }
      if (seconds > most && mustSay(state, SAID)) {
        log.error(`the snapshot ${path} is overdue: for ${math.floor(seconds)} s no new one could be written`, SAID);
      }
    },
    written: () => {
      const [said] = state.get(SAID);
      if (said !== undefined) {
        log.warn(`the snapshot ${path} is written again, after ${math.floor(waited())} s`, SAID);
        state.delete(SAID);
      }
      state.delete(DUE);
    },
  };
}

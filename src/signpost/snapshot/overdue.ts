import { Clock, Log, SafeDict } from "../ports";
import { STATE_KEYS } from "../state/keys";
import { mustSay } from "../state/said_once";

/** The parts that `newOverdue` needs. */
export interface OverdueParts {
  readonly path: string;
  readonly state: SafeDict;
  /** Minimum time between two snapshots, seconds. */
  readonly interval: number;
  readonly now: Clock;
  readonly log: Log;
}

/**
 * Logs when no snapshot was written for too long, whatever the reason: writing fails or takes too long, or workers take
 * over from each other before one of them has finished. It logs that once, and once more when a snapshot is written
 * again. All workers of the node share this state.
 */
export interface Overdue {
  /** Call it while a snapshot must be written or is being written. */
  readonly due: (this: void) => void;
  readonly written: (this: void) => void;
}

/** The time since which a snapshot has been due, seconds since 1970. */
const DUE = STATE_KEYS.snapshotDue;
/** Exists once the log has said that the snapshot is overdue. */
const SAID = STATE_KEYS.snapshotOverdue;

/** A snapshot is overdue after this many intervals. A million routes take half a minute to write. */
const INTERVALS = 5;
/** A snapshot is never overdue before this many seconds. */
const LEAST_SECONDS = 60;

/** @returns the overdue check of one snapshot file. */
export function newOverdue(parts: OverdueParts): Overdue {
  const { path, state, interval, now, log } = parts;
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

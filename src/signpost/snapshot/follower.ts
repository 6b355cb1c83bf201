import { NodeState } from "../state/node_state";
import { SharedLevel } from "../cache/shared";
import { Reading } from "../redis/reading";
import { Clock, SafeDict } from "../ports";
import { Lease } from "../state/lease";
import { ReadFileParts, readRoutes, TakeTurn } from "./read_file";
import { holdsVersion, noteVersion } from "./restore";
import { TakeRoute } from "./tell_routes";

/** What following a routes file takes. */
export interface FollowerParts {
  readonly path: string;
  readonly reading: ReadFileParts;
  readonly state: SafeDict;
  readonly shared: SharedLevel;
  readonly nodeState: NodeState;
  readonly lease: Lease;
  readonly now: Clock;
  /** Lets the worker's requests go on for so many seconds. Yields. */
  readonly pause: (this: void, seconds: number) => void;
  /** Lets requests have their turn between two pieces of work. Yields. */
  readonly breathe: (this: void) => void;
  readonly isExiting: (this: void) => boolean;
}

/** How often the file is looked at, seconds. */
const LOOK_SECONDS = 0.25;

/** What lines of the log are about that name a route which could not be kept. */
const NOT_KEPT = "routes that could not be kept";

/** How often a route is tried to be kept: longer in all than a lock that a killed worker left behind. */
const TRIES = 5;
const LOCKED_SECONDS = 0.02;

/**
 * Reads the routes file again whenever it has changed, in one worker of the node. What it holds is kept for the next
 * epoch, route by route; when that begins, what the file no longer holds is known to be of an older one, and is gone.
 *
 * Whose lease has lapsed while it read gives up at once and for good, even if it could have the lease again: another worker
 * may have loaded what is newer meanwhile.
 *
 * @returns the follower's beat; see `watcher`
 */
export function follower(parts: FollowerParts): (this: void) => number | undefined {
  const { path, state, lease, nodeState } = parts;
  const { files, log } = parts.reading;
  let lastProblem: string | undefined;

  return () => {
    if (!parts.isExiting()) {
      nodeState.touch();
      if (lease.hold()) {
        follow();
      }
    }
    // Asked again: loading takes a while, and there is no further call in a worker that exits.
    if (parts.isExiting()) {
      lease.release();
      return undefined;
    }
    return LOOK_SECONDS;
  };

  function follow(): void {
    const [version, err, detail] = files.version(path);
    if (err !== undefined) {
      complain(`${err}: ${detail}`);
    } else if (nodeState.epochs.current() === 0 || !holdsVersion(state, version)) {
      load(version);
    }
  }

  function load(version: string): void {
    const epoch = nodeState.epochs.prepare();
    let isLost = false;
    const take: TakeRoute = (name, reading) => {
      const outcome = isLost ? "lost" : keep(name, reading, epoch);
      isLost = outcome === "lost";
      if (outcome === "locked") {
        log.error(`${path}: ${name} could not be kept`, NOT_KEPT);
      }
    };
    const renew = () => {
      isLost ||= parts.isExiting() || !lease.isMine() || !lease.hold();
      return !isLost;
    };
    const turn: TakeTurn = () => {
      parts.breathe();
      return renew();
    };
    const [, err, detail] = readRoutes(path, parts.reading, take, turn);
    if (err === "file_error") {
      complain(`${err}: ${detail}`);
      return;
    }
    if (err !== undefined || !renew()) {
      return;
    }
    lastProblem = undefined;
    noteVersion(state, version);
    nodeState.epochs.publish(epoch);
  }

  /** The lease is looked at each time: a worker may have been stopped since, and what it would write is older then. */
  function keep(name: string, reading: Reading, epoch: number): "kept" | "locked" | "lost" {
    for (const _ of $range(1, TRIES)) {
      if (!lease.isMine()) {
        return "lost";
      }
      const asked = { checked: parts.now(), epoch, ticket: nodeState.tickets.of(name) };
      const [kept] = parts.shared.keep(name, reading, asked);
      if (kept !== undefined) {
        return "kept";
      }
      parts.pause(LOCKED_SECONDS);
    }
    return "locked";
  }

  /** The routes that were read last go on serving. */
  function complain(problem: string): void {
    if (problem !== lastProblem) {
      lastProblem = problem;
      log.error(`${problem}; the routes stay as they are`, path);
    }
  }
}

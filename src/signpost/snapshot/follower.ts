import { NodeState } from "../state/node_state";
import { SharedLevel } from "../cache/shared";
import { Reading } from "../redis/reading";
import { Clock, SafeDict } from "../ports";
import { Lease } from "../state/lease";
import { ReadFileParts, readRoutes, TakeTurn } from "./read_file";
import { holdsVersion, noteVersion } from "./restore";
import { TakeRoute } from "./tell_routes";

/** The parts that `follower` needs. */
export interface FollowerParts {
  readonly path: string;
  readonly reading: ReadFileParts;
  readonly state: SafeDict;
  readonly shared: SharedLevel;
  readonly nodeState: NodeState;
  readonly lease: Lease;
  readonly now: Clock;
  /** Sleeps for this many seconds, while the worker serves requests. Yields. */
  readonly pause: (this: void, seconds: number) => void;
  /** Lets the worker serve requests between two pieces of work. Yields. */
  readonly breathe: (this: void) => void;
  readonly isExiting: (this: void) => boolean;
}

/** Seconds between looks at the file. */
const LOOK_SECONDS = 0.25;

/** The log subject of messages about routes that could not be stored. */
const NOT_STORED = "routes that could not be kept";

/** How often storing a route is tried. All tries together outlast the lock that a killed worker leaves behind. */
const TRIES = 5;
const LOCKED_SECONDS = 0.02;

/** State that a worker's follower keeps between two calls. */
interface Follower {
  readonly parts: FollowerParts;
  /** The last problem that was logged, unless the file was loaded since. */
  lastProblem: string | undefined;
}

/** A load in progress. */
interface Load {
  readonly parts: FollowerParts;
  /** The epoch that begins when the whole file is loaded. */
  readonly epoch: number;
  /** True once another worker may have loaded the file. This load must then end. */
  isLost: boolean;
}

/**
 * Reads the routes file again whenever it has changed, in one worker of the node. Each route is stored for the next
 * epoch. When that epoch begins, routes that are no longer in the file belong to an older epoch and count as absent.
 *
 * A worker whose lease lapses during a load abandons that load for good, even if it could take the lease again, because
 * another worker may have loaded a newer file meanwhile.
 *
 * @returns a periodic task. It returns the seconds until its next call, or nothing if the worker is exiting.
 */
export function follower(parts: FollowerParts): (this: void) => number | undefined {
  const state: Follower = { parts, lastProblem: undefined };
  const { lease, nodeState, isExiting } = parts;
  return () => {
    if (!isExiting()) {
      nodeState.touch();
      if (lease.hold()) follow(state);
    }
    // Check again: loading takes a while, and an exiting worker gets no further call.
    if (isExiting()) {
      lease.release();
      return undefined;
    }
    return LOOK_SECONDS;
  };
}

/** Loads the file if it has changed. */
function follow(follower: Follower): void {
  const { path, reading, nodeState, state } = follower.parts;
  const [version, err, detail] = reading.files.version(path);
  if (err !== undefined) {
    complain(follower, `${err}: ${detail}`);
  } else if (nodeState.epochs.current() === 0 || !holdsVersion(state, version)) {
    loadFile(follower, version);
  }
}

function loadFile(follower: Follower, version: string): void {
  const { parts } = follower;
  const { epochs } = parts.nodeState;
  const load: Load = { parts, epoch: epochs.prepare(), isLost: false };
  const turn: TakeTurn = () => {
    parts.breathe();
    return renew(load);
  };
  const take: TakeRoute = (name, reading) => takeRoute(load, name, reading);
  const [, err, detail] = readRoutes(parts.path, parts.reading, take, turn);
  if (err === "file_error") {
    complain(follower, `${err}: ${detail}`);
  } else if (err === undefined && renew(load)) {
    follower.lastProblem = undefined;
    noteVersion(parts.state, version);
    epochs.publish(load.epoch);
  }
}

/** @returns whether this load may continue. */
function renew(load: Load): boolean {
  const { lease, isExiting } = load.parts;
  load.isLost ||= isExiting() || !lease.isMine() || !lease.hold();
  return !load.isLost;
}

function takeRoute(load: Load, name: string, reading: Reading): void {
  const { path } = load.parts;
  const outcome = load.isLost ? "lost" : store(load, name, reading);
  load.isLost = outcome === "lost";
  if (outcome === "locked") load.parts.reading.log.error(`${path}: ${name} could not be kept`, NOT_STORED);
}

/** Checks the lease before each try: this worker may have been suspended, and what it would store is then outdated. */
function store(load: Load, name: string, reading: Reading): "stored" | "locked" | "lost" {
  const { lease, now, nodeState, shared, pause } = load.parts;
  for (const _ of $range(1, TRIES)) {
    if (!lease.isMine()) return "lost";
    const asked = { checked: now(), epoch: load.epoch, ticket: nodeState.tickets.of(name) };
    const [kept] = shared.keep(name, reading, asked);
    if (kept !== undefined) return "stored";
    pause(LOCKED_SECONDS);
  }
  return "locked";
}

/** Logs a problem unless it was the last one logged. The routes that were loaded last stay in use. */
function complain(follower: Follower, problem: string): void {
  if (problem !== follower.lastProblem) {
    follower.lastProblem = problem;
    follower.parts.reading.log.error(`${problem}; the routes stay as they are`, follower.parts.path);
  }
}

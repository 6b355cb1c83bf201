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

/** Seconds between looks at the file. */
const LOOK_SECONDS = 0.25;

/** The subject of the log's lines about routes that could not be stored. */
const NOT_STORED = "routes that could not be kept";

/** How often storing a route is tried: for longer in all than a lock lasts that a killed worker left behind. */
const TRIES = 5;
const LOCKED_SECONDS = 0.02;

/** What a worker's follower knows between two calls. */
interface Follower {
  readonly parts: FollowerParts;
  /** What was complained of last, unless the file was loaded since. */
  lastProblem: string | undefined;
}

/** A load that is under way. */
interface Load {
  readonly parts: FollowerParts;
  /** The epoch that begins when all is loaded. */
  readonly epoch: number;
  /** Another worker may have loaded the file since: this load must end. */
  isLost: boolean;
}

/**
 * Reads the routes file again whenever it has changed, in one worker of the node. Each route is stored for the next epoch.
 * When that begins, routes that the file no longer has are of an older epoch, and count as absent.
 *
 * A worker whose lease lapses while it reads gives that load up for good, even if it could have the lease again: another
 * worker may have loaded a newer file meanwhile.
 *
 * @returns a periodic task. It returns how many seconds later it must be called again, or nothing if the worker is exiting.
 */
export function follower(parts: FollowerParts): (this: void) => number | undefined {
  const state: Follower = { parts, lastProblem: undefined };
  const { lease, nodeState, isExiting } = parts;
  return () => {
    if (!isExiting()) {
      nodeState.touch();
      if (lease.hold()) follow(state);
    }
    // Asked again: loading takes a while, and there is no further call in a worker that exits.
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

/** @returns whether this load goes on. */
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

/** Looks at the lease before each try: this worker may have been stopped since, and what it would store is older then. */
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

/** The routes that were loaded last go on serving. */
function complain(follower: Follower, problem: string): void {
  if (problem !== follower.lastProblem) {
    follower.lastProblem = problem;
    follower.parts.reading.log.error(`${problem}; the routes stay as they are`, follower.parts.path);
  }
}

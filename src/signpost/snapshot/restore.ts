import { STATE_KEYS } from "../state/keys";
import { NodeState } from "../state/node_state";
import { encodeRecord } from "../cache/record";
import { Asked, knownFrom } from "../cache/shared";
import { Clock, SafeDict, SharedDict } from "../ports";
import { Result } from "../result";
import { ReadFailure } from "./file_commands";
import { ReadFileParts, readRoutes } from "./read_file";
import { TakeRoute } from "./tell_routes";

/** The parts that filling the records from a file needs, before there are workers. */
export interface RestoreParts {
  readonly reading: ReadFileParts;
  readonly records: SharedDict;
  readonly state: SafeDict;
  readonly nodeState: NodeState;
  readonly now: Clock;
}

/**
 * Marks in the state dict that the records came from a file. A reload then keeps the records, because they are newer
 * than the file by then. The records hold the same value, because a reload that changes the size of either dict makes
 * that dict new.
 */
const RESTORED = STATE_KEYS.restored;
const RESTORED_HERE = "\nrestored";

/** What version 0.1.0 stored in the state dict. It stored nothing in the records. */
const BY_0_1_0 = 1;

/** The version of the routes file that the records hold. */
const VERSION = STATE_KEYS.routesFile;

/**
 * For records that were not read from Redis in this life of the node. Each is verified before its next use, unless
 * Redis cannot be asked.
 */
const LONG_AGO: Asked = { checked: 0, epoch: 0, ticket: 0 };

/**
 * Fills the records from a snapshot, once in the life of the shared dicts and before anything else is known. A snapshot
 * that is first configured by a reload may be older than the records. Must be called before there are workers.
 */
export function restoreSnapshot(path: string, parts: RestoreParts): Result<true, ReadFailure> {
  const { nodeState } = parts;
  if (isRestored(parts)) {
    return $multi(true, undefined);
  }
  if (!nodeState.changeClock.isNew() || wereRestored(parts.records)) {
    nodeState.completeness.revoke();
    return $multi(true, undefined);
  }
  const [isWhole, err, detail] = fill(path, parts, LONG_AGO);
  if (err !== undefined) {
    return $multi(undefined, err, detail);
  }
  if (isWhole) {
    nodeState.completeness.declare();
  }
  return $multi(true, undefined);
}

/**
 * Fills the records from the routes file, once in the life of the shared dicts. Must be called before there are
 * workers.
 */
export function loadRoutesFile(path: string, parts: RestoreParts): Result<true, ReadFailure> {
  if (isRestored(parts)) {
    return $multi(true, undefined);
  }
  const { nodeState, state, reading } = parts;
  const epoch = nodeState.epochs.prepare();
  const [version] = reading.files.version(path);
  const [, err, detail] = fill(path, parts, { checked: parts.now(), epoch, ticket: 0 });
  if (err !== undefined) {
    return $multi(undefined, err, detail);
  }
  noteVersion(state, version);
  nodeState.epochs.publish(epoch);
  return $multi(true, undefined);
}

/** @returns whether the records hold this version of the routes file. */
export function holdsVersion(state: SafeDict, version: string): boolean {
  const [held] = state.get(VERSION);
  return held === version;
}

/** Remembers which version of the routes file the records hold. */
export function noteVersion(state: SafeDict, version: string | undefined): void {
  state.safe_set(VERSION, version ?? ""); // dropped: without it the file is read again, which is only a waste
}

function isRestored(parts: RestoreParts): boolean {
  const [restored] = parts.state.get(RESTORED);
  const [here] = parts.records.get(RESTORED_HERE);
  return restored === BY_0_1_0 || (restored !== undefined && restored === here);
}

function wereRestored(records: SafeDict): boolean {
  const [here] = records.get(RESTORED_HERE);
  return here !== undefined;
}

/** @returns whether every line could be used and every route stored. */
function fill(path: string, parts: RestoreParts, asked: Asked): Result<boolean, ReadFailure> {
  const { records, state, reading } = parts;
  let unkept = 0;
  const take: TakeRoute = (name, route) => {
    if (route.kind === "absent") {
      records.delete(name);
      return;
    }
    const [, full, forcible] = records.set(name, encodeRecord(knownFrom(route, asked)), 0, asked.epoch);
    if (full !== undefined || forcible) {
      unkept += 1;
    }
  };
  // There are no requests to serve yet, and no other worker loads the file.
  const [badLines, err, detail] = readRoutes(path, reading, take, () => true);
  if (err !== undefined) {
    return $multi(undefined, err, detail);
  }
  if (unkept > 0) {
    reading.log.error(`${path}: signpost_records is too small: ${unkept} routes had no room`);
  }
  const time = parts.now();
  records.safe_set(RESTORED_HERE, time); // dropped: without it a reload would do this again
  state.safe_set(RESTORED, time); // dropped: the same
  return $multi(badLines === 0 && unkept === 0, undefined);
}

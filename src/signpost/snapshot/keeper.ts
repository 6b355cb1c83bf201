import { STATE_KEYS, STATE_PREFIXES } from "../state/keys";
import { isFromFuture, stampOf } from "../state/stamp";
import { Clock, Files, Log, NewFile, RunSoon, SafeDict } from "../ports";
import { newOverdue } from "./overdue";
import { SnapshotParts, writeSnapshot } from "./write_file";

/** The parts that `keeper` needs. */
export interface KeeperParts {
  readonly path: string;
  /** The worker's process id, which tells workers apart. */
  readonly me: number;
  readonly state: SafeDict;
  /** Minimum time between two files, seconds. */
  readonly interval: number;
  readonly files: Files;
  readonly writing: SnapshotParts;
  /** Whether this worker is the one that watches Redis. */
  readonly isMine: (this: void) => boolean;
  /** Whether `changed` is called for every change. If not, there may be a change at any time. */
  readonly isTracked: (this: void) => boolean;
  readonly runSoon: RunSoon;
  readonly now: Clock;
  readonly log: Log;
}

/** Keeps the snapshot as recent as its interval allows. */
export interface Keeper {
  /** Something in Redis has changed, or may have. */
  readonly changed: (this: void) => void;
  /** Must be called several times a second. Begins a new snapshot if one is due. */
  readonly tick: (this: void) => void;
}

/** The paths of files that were begun, one per line. */
const BEGUN = STATE_KEYS.begunSnapshots;

/**
 * The key prefix before a path. The entry exists while the file's writer lives: the writer renews it at each breath,
 * and it lasts many times longer than the pause between two breaths.
 */
const ALIVE = STATE_PREFIXES.snapshotWriter;
const ALIVE_SECONDS = 5;

/** The log subject of messages about snapshots that could not be written. */
const NOT_WRITTEN = "no new snapshot";

/**
 * Writes a new file beside the old one, and then moves it over the old one in one step. So the path always leads to the
 * old file or to the new one, and each is complete. One worker of the node writes. If another takes over, it starts
 * again.
 */
export function keeper(parts: KeeperParts): Keeper {
  const { path, state, interval, now, log } = parts;
  const overdue = newOverdue({ path, state, interval, now, log });
  let isChanged = true;
  let isWriting = false;
  let nextAt = 0;

  return {
    changed: () => {
      isChanged = true;
    },
    tick: () => {
      if ((isWriting || isDue()) && parts.isMine()) {
        overdue.due();
        isWriting ||= parts.runSoon(write);
      }
    },
  };

  function isDue(): boolean {
    const wait = nextAt - now();
    // A wait longer than the interval means that the clock was set back.
    const isTime = wait <= 0 || wait > interval;
    return isTime && (isChanged || !parts.isTracked());
  }

  function write(): void {
    // This file may lack a change made from here on. Such a change makes the next file due.
    isChanged = false;
    const [ended, outcome] = pcall(writeFile, parts);
    isWriting = false;
    nextAt = now() + interval;
    if (ended && outcome.kind === "written") {
      overdue.written();
      return;
    }
    isChanged = true;
    if (!ended) error(outcome, 0);
    // If the work was handed over, another worker writes the next file.
    if (outcome.kind === "failed") log.error(`no new snapshot: ${outcome.problem}`, NOT_WRITTEN);
  }
}

/** How writing a file ended. `handed_over`: another worker must write it. */
type Outcome =
  | { readonly kind: "written" }
  | { readonly kind: "handed_over" }
  | { readonly kind: "failed"; readonly problem: string };

/** Writes and publishes a whole file. If that fails or raises, the old file stays. */
function writeFile(this: void, parts: KeeperParts): Outcome {
  const unfinished = unfinishedPath(parts);
  clearUp(parts, unfinished);
  const [file, err, detail] = parts.files.create(unfinished);
  if (err !== undefined) return failed(err, detail);
  const [ended, outcome] = pcall(fill, file, parts, unfinished);
  if (ended && outcome.kind === "written") return publish(file, parts.path);
  file.discard();
  if (!ended) error(outcome, 0);
  return outcome;
}

/** Each worker has its own file: a worker that lost its turn while it wrote may not know that yet. */
function unfinishedPath(parts: KeeperParts): string {
  return `${parts.path}.${parts.me}.tmp`;
}

/** Removes the files of workers that were killed while they wrote. */
function clearUp(parts: KeeperParts, unfinished: string): void {
  const { state, files, now } = parts;
  noteAlive(parts, unfinished);
  const [begun] = state.get(BEGUN);
  const stillBegun: string[] = [unfinished];
  for (const [left] of string.gmatch((begun ?? "") as string, "[^\n]+")) {
    const [alive, stamp] = state.get(ALIVE + (left as string));
    if (alive === undefined || isFromFuture(stamp, now())) {
      files.remove(left as string);
    } else if (left !== unfinished) {
      stillBegun.push(left as string);
    }
  }
  state.safe_set(BEGUN, table.concat(stillBegun, "\n")); // dropped: without it a killed worker's file stays
}

function noteAlive(parts: KeeperParts, unfinished: string): void {
  // dropped: without it another worker may remove the file
  parts.state.safe_set(ALIVE + unfinished, 1, ALIVE_SECONDS, stampOf(parts.now()));
}

function fill(this: void, file: NewFile, parts: KeeperParts, unfinished: string): Outcome {
  const { redis, readValues, prefixes, breathe } = parts.writing;
  const breatheAlive = () => {
    noteAlive(parts, unfinished);
    return breathe();
  };
  const [, err, detail] = writeSnapshot(file, { redis, readValues, log: parts.log, prefixes, breathe: breatheAlive });
  if (err === undefined) return { kind: "written" };
  return err === "given_up" ? { kind: "handed_over" } : failed(err, detail);
}

function publish(file: NewFile, path: string): Outcome {
  const [, err, detail] = file.publish(path);
  return err === undefined ? { kind: "written" } : failed(err, detail);
}

function failed(err: string, detail: string): Outcome {
  return { kind: "failed", problem: `${err}: ${detail}` };
}

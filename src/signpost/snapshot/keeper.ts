import { STATE_KEYS, STATE_PREFIXES } from "../state/keys";
import { isFromFuture, stampOf } from "../state/stamp";
import { Clock, Files, Log, NewFile, RunSoon, SafeDict } from "../ports";
import { newOverdue } from "./overdue";
import { SnapshotParts, writeSnapshot } from "./write_file";

/** What keeping a snapshot takes. */
export interface KeeperParts {
  readonly path: string;
  /** Distinguishes the workers: the process id. */
  readonly me: number;
  readonly state: SafeDict;
  /** At most so often it is written, seconds. */
  readonly interval: number;
  readonly files: Files;
  readonly writing: SnapshotParts;
  /** Whether this worker is the one that watches Redis. */
  readonly isMine: (this: void) => boolean;
  /** Whether changes are said, by `changed`. While they are not, there may always be one. */
  readonly isTracked: (this: void) => boolean;
  readonly runSoon: RunSoon;
  readonly now: Clock;
  readonly log: Log;
}

/** Keeps the snapshot as new as its interval allows. */
export interface Keeper {
  /** Something in Redis has changed, or may have. */
  readonly changed: (this: void) => void;
  /** To be called now and then: begins a new snapshot where one is due. */
  readonly tick: (this: void) => void;
}

/** Under this key the state dict has the paths of files that were begun, one a line. */
const BEGUN = STATE_KEYS.begunSnapshots;

/** Before a path, the key of a sign that its writer lives; it lasts many times longer than the pause between two. */
const ALIVE = STATE_PREFIXES.snapshotWriter;
const ALIVE_SECONDS = 5;

/** What lines of the log are about that say why there is no new one. */
const NOT_WRITTEN = "no new snapshot";

/** Another worker writes the next one: no failure, and nothing to say. */
const HANDED_OVER = "handed over";

/**
 * Writes a new file beside the old one and then puts it in its place, in one step: whatever happens meanwhile, there is
 * the old or the new one, and each is whole. One worker of the node does so; another that takes over begins anew.
 */
export function keeper(parts: KeeperParts): Keeper {
  const { path, files, state, interval, now, log } = parts;
  const overdue = newOverdue({ path, state, interval, now, log });
  // Of its own: one that lost its turn while it wrote may not know so yet.
  const unfinished = `${path}.${parts.me}.tmp`;
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
    // A longer wait than the interval: the clock was set back meanwhile.
    const isTime = wait <= 0 || wait > parts.interval;
    return isTime && (isChanged || !parts.isTracked());
  }

  function write(): void {
    // What changes from here on may be missing in this file, and asks for the next.
    isChanged = false;
    const [done, problem] = pcall(writeFile);
    isWriting = false;
    nextAt = now() + parts.interval;
    if (done && problem === undefined) {
      overdue.written();
      return;
    }
    isChanged = true;
    if (!done) {
      error(problem, 0);
    }
    if (problem !== HANDED_OVER) {
      log.error(`no new snapshot: ${problem}`, NOT_WRITTEN);
    }
  }

  function noteAlive(): void {
    // dropped: without it another worker may remove the file
    parts.state.safe_set(ALIVE + unfinished, 1, ALIVE_SECONDS, stampOf(now()));
  }

  /** Removes what workers have left that were killed while they wrote. */
  function clearUp(): void {
    noteAlive();
    const [begun] = parts.state.get(BEGUN);
    const stillBegun: string[] = [unfinished];
    for (const [left] of string.gmatch((begun ?? "") as string, "[^\n]+")) {
      const [alive, stamp] = parts.state.get(ALIVE + (left as string));
      if (alive === undefined || isFromFuture(stamp, now())) {
        files.remove(left as string);
      } else if (left !== unfinished) {
        stillBegun.push(left as string);
      }
    }
    parts.state.safe_set(BEGUN, table.concat(stillBegun, "\n")); // dropped: without it a killed worker's file stays
  }

  /** @returns why there is no new file. */
  function writeFile(): string | undefined {
    clearUp();
    const [file, err, detail] = files.create(unfinished);
    if (err !== undefined) {
      return `${err}: ${detail}`;
    }
    const [done, problem] = pcall(fill, file);
    if (!done || problem !== undefined) {
      file.discard();
    }
    if (!done) {
      error(problem, 0);
    }
    if (problem !== undefined) {
      return problem;
    }
    const [, unpublished, reason] = file.publish(path);
    return unpublished === undefined ? undefined : `${unpublished}: ${reason}`;
  }

  function fill(this: void, file: NewFile): string | undefined {
    const { redis, readValues, prefixes, breathe } = parts.writing;
    const breatheAlive = () => {
      noteAlive();
      return breathe();
    };
    const [, failure, reason] = writeSnapshot(file, { redis, readValues, log, prefixes, breathe: breatheAlive });
    if (failure === undefined) {
      return undefined;
    }
    return failure === "given_up" ? HANDED_OVER : `${failure}: ${reason}`;
  }
}

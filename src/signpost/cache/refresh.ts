import { RunSoon } from "../ports";
import { ReadThrough } from "./flights";

/** How many names one pipeline reads at most: it saves many round trips, and takes a worker a millisecond. */
const BATCH = 20;

/**
 * Asks for names to be read again, soon and outside the request. Asking twice has the effect of asking once.
 * @returns how many names wait to be read now
 */
export type RefreshSoon = (this: void, names: readonly string[]) => number;

/** What refreshing needs. */
export interface RefresherParts {
  readonly read: ReadThrough;
  /** Whether a name must still be read: another worker may have read it meanwhile. */
  readonly isDue: (this: void, name: string) => boolean;
  readonly runSoon: RunSoon;
  /**
   * Lets requests have their turn. It runs between two batches, because a read that Redis answers at once does not.
   * Yields.
   */
  readonly breathe: (this: void) => void;
  /** Called for each batch that could not be read, and when nginx has no timer for a first one. */
  readonly failed?: (this: void) => void;
}

/** The names that wait to be read. */
interface Queue {
  readonly parts: RefresherParts;
  queued: LuaSet<string>;
  /** The queued names in their order, except those that are being taken into batches. */
  names: string[];
  waiting: number;
  isDraining: boolean;
  isFirstBatch: boolean;
}

/**
 * Refreshes names in the background, in batches, with one timer a worker.
 *
 * A batch that fails is dropped. The reader has logged why.
 */
export function refresher(parts: RefresherParts): RefreshSoon {
  const queue: Queue = {
    parts,
    queued: new LuaSet(),
    names: [],
    waiting: 0,
    isDraining: false,
    isFirstBatch: true,
  };
  const task = () => drain(queue);
  return (names) => {
    for (const name of names) enqueue(queue, name);
    if (!queue.isDraining && queue.names.length > 0) {
      queue.isDraining = parts.runSoon(task);
      if (!queue.isDraining) parts.failed?.();
    }
    return queue.waiting;
  };
}

function enqueue(queue: Queue, name: string): void {
  if (queue.queued.has(name)) return;
  queue.queued.add(name);
  queue.names.push(name);
  queue.waiting += 1;
}

/** Reads all that is queued. If that raises, the queue is emptied, so that refreshing goes on with later names. */
function drain(queue: Queue): void {
  const [done, problem] = pcall(readAll, queue);
  queue.isDraining = false;
  if (!done) {
    queue.queued = new LuaSet();
    queue.names = [];
    queue.waiting = 0;
    queue.parts.failed?.();
    error(problem, 0);
  }
}

function readAll(this: void, queue: Queue): void {
  queue.isFirstBatch = true;
  while (queue.names.length > 0) {
    const names = queue.names;
    queue.names = [];
    readInBatches(queue, names);
  }
}

function readInBatches(queue: Queue, names: readonly string[]): void {
  let batch: string[] = [];
  for (const name of names) {
    queue.queued.delete(name);
    queue.waiting -= 1;
    if (queue.parts.isDue(name)) batch.push(name);
    if (batch.length >= BATCH) {
      readBatch(queue, batch);
      batch = [];
    }
  }
  if (batch.length > 0) readBatch(queue, batch);
}

function readBatch(queue: Queue, batch: readonly string[]): void {
  const { read, breathe, failed } = queue.parts;
  if (!queue.isFirstBatch) breathe();
  queue.isFirstBatch = false;
  const [found, err] = read(batch);
  if (err !== undefined) {
    failed?.();
    return;
  }
  // A record that changed while it was read is read once more.
  for (const [name, known] of found) {
    if (known.isFleeting === true) enqueue(queue, name);
  }
}

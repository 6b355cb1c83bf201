import { RunSoon } from "../ports";
import { ReadThrough } from "./flights";

/** How many names one pipeline refreshes at most: many round trips saved, and a worker held up for a millisecond. */
const BATCH = 20;

/**
 * Asks for names to be read again, soon and outside the request. Asking twice is asking once.
 * @returns how many names wait for that now
 */
export type RefreshSoon = (this: void, names: readonly string[]) => number;

/**
 * Refreshes stale names in the background: one timer a worker drains what requests have asked for, in batches.
 *
 * A batch that fails is dropped, and whoever reads has logged why.
 *
 * @param isDue whether a name must still be read, as another worker may have read it meanwhile
 * @param breathe lets requests have their turn: between two batches, as a Redis that answers at once would not. Yields
 * @param failed called for each batch that could not be read, and if none is under way for want of a timer
 */
export function refresher(
  read: ReadThrough,
  isDue: (this: void, name: string) => boolean,
  runSoon: RunSoon,
  breathe: (this: void) => void,
  failed?: (this: void) => void,
): RefreshSoon {
  let queued = new LuaSet<string>();
  let queue: string[] = [];
  let waiting = 0;
  let draining = false;
  let isFirstBatch = true;

  return (names) => {
    for (const name of names) {
      enqueue(name);
    }
    if (!draining && queue.length > 0) {
      draining = runSoon(drain);
      if (!draining) {
        failed?.();
      }
    }
    return waiting;
  };

  function enqueue(name: string): void {
    if (!queued.has(name)) {
      queued.add(name);
      queue.push(name);
      waiting += 1;
    }
  }

  function drain(): void {
    const [done, problem] = pcall(readAll);
    draining = false;
    if (!done) {
      queued = new LuaSet();
      queue = [];
      waiting = 0;
      failed?.();
      error(problem, 0);
    }
  }

  function readAll(): void {
    isFirstBatch = true;
    while (queue.length > 0) {
      const asked = queue;
      queue = [];
      readInBatches(asked);
    }
  }

  function readInBatches(asked: readonly string[]): void {
    let batch: string[] = [];
    for (const i of $range(1, asked.length)) {
      const name = asked[i - 1] as string;
      queued.delete(name);
      waiting -= 1;
      if (isDue(name)) {
        batch.push(name);
      }
      if (batch.length >= BATCH || (i === asked.length && batch.length > 0)) {
        readBatch(batch);
        batch = [];
      }
    }
  }

  function readBatch(batch: readonly string[]): void {
    if (!isFirstBatch) {
      breathe();
    }
    isFirstBatch = false;
    const [found, err] = read(batch);
    if (err !== undefined) {
      failed?.();
      return;
    }
    for (const [name, known] of found) {
      if (known.isFleeting === true) {
        enqueue(name);
      }
    }
  }
}

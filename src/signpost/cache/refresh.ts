import { RunSoon } from "../ports";
import { ReadThrough } from "./flights";

/** Names that one pipeline refreshes at most: it saves most round trips, and keeps a worker for about a millisecond. */
const BATCH = 20;

/**
 * Has names read again soon, outside the request. A name that already waits is not added again.
 * @returns how many names wait now
 */
export type RefreshSoon = (this: void, names: readonly string[]) => number;

/**
 * Refreshes names in the background: one timer in each worker empties the queue, in batches.
 *
 * A batch that fails is dropped; the reader has logged why.
 *
 * @param isDue whether a name must still be read: another worker may have read it meanwhile
 * @param breathe lets requests have their turn between two batches. Yields
 * @param failed called for each batch that could not be read, and if nginx has no timer left
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

import { RunSoon } from "../ports";
import { ReadThrough } from "./flights";

/** How many names one pipeline refreshes at most: a hundred round trips saved, and no worker held up by its replies. */
const BATCH = 100;

/** Asks for names to be read again, soon and outside the request. Asking twice is asking once. */
export type RefreshSoon = (this: void, names: readonly string[]) => void;

/**
 * Refreshes stale names in the background: one timer a worker drains what requests have asked for, in batches.
 *
 * A batch that fails is dropped, and whoever reads has logged why.
 *
 * @param isDue whether a name must still be read, as another worker may have read it meanwhile
 * @param failed called for each batch that could not be read, and if none is under way for want of a timer
 */
export function refresher(
  read: ReadThrough,
  isDue: (this: void, name: string) => boolean,
  runSoon: RunSoon,
  failed?: (this: void) => void,
): RefreshSoon {
  let queued = new LuaSet<string>();
  let queue: string[] = [];
  let draining = false;

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
  };

  function enqueue(name: string): void {
    if (!queued.has(name)) {
      queued.add(name);
      queue.push(name);
    }
  }

  function drain(): void {
    const [done, problem] = pcall(readAll);
    draining = false;
    if (!done) {
      queued = new LuaSet();
      queue = [];
      failed?.();
      error(problem, 0);
    }
  }

  function readAll(): void {
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

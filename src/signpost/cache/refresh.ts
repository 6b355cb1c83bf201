import { RunSoon } from "../ports";
import { ReadThrough } from "./flights";

/** How many names one pipeline refreshes at most: a hundred round trips saved, and no worker held up by its replies. */
const BATCH = 100;

/** Asks for names to be read again, soon and outside the request. Asking twice is asking once. */
export type RefreshSoon = (this: void, names: readonly string[]) => void;

/**
 * Refreshes stale names in the background: one timer a worker drains what requests have asked for, in batches.
 *
 * A batch that fails is dropped, and whoever reads has logged why: its names are asked for again by the next request
 * that finds them stale.
 *
 * @param isDue whether a name is still stale, as another worker may have read it meanwhile
 */
export function refresher(
  read: ReadThrough,
  isDue: (this: void, name: string) => boolean,
  runSoon: RunSoon,
): RefreshSoon {
  let queued = new LuaSet<string>();
  let queue: string[] = [];
  let draining = false;

  return (names) => {
    for (const name of names) {
      if (!queued.has(name)) {
        queued.add(name);
        queue.push(name);
      }
    }
    if (!draining && queue.length > 0) {
      draining = runSoon(drain);
    }
  };

  function drain(): void {
    const [done, problem] = pcall(readAll);
    draining = false;
    if (!done) {
      // What is lost here is asked for again by the next request that finds it stale.
      queued = new LuaSet();
      queue = [];
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
        read(batch); // dropped: who reads has logged why, and the names are asked for again
        batch = [];
      }
    }
  }
}

import { RunSoon } from "../ports";
import { ReadThrough } from "./flights";

/** How many names one pipeline refreshes at most: many round trips saved, and a worker held up for a millisecond. */
const BATCH = 20;

/**
 * How many names a page of the queue holds: one table of 100,000 would hold a worker up for ten milliseconds whenever it
 * grows.
 */
const PAGE = 1000;

/** Names to be read, in order; `has` those that are still to come. */
interface Page {
  readonly names: string[];
  readonly has: LuaSet<string>;
}

/**
 * Asks for names to be read again, soon and outside the request. Asking twice is asking once; or, with a thousand others in
 * between, twice.
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
  let queue: Page[] = [];
  let draining = false;
  let isFirstBatch = true;
  let waiting = 0;

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
    const last = queue[queue.length - 1];
    if (last?.has.has(name) === true) {
      return;
    }
    const page = last === undefined || last.names.length >= PAGE ? newPage() : last;
    page.has.add(name);
    page.names.push(name);
    waiting += 1;
  }

  function newPage(): Page {
    const page: Page = { names: [], has: new LuaSet() };
    queue.push(page);
    return page;
  }

  function drain(): void {
    const [done, problem] = pcall(readAll);
    draining = false;
    if (!done) {
      queue = [];
      waiting = 0;
      failed?.();
      error(problem, 0);
    }
  }

  function readAll(): void {
    isFirstBatch = true;
    for (let page = queue[0]; page !== undefined; page = queue[0]) {
      readPage(page);
      table.remove(queue, 1); // dropped: the page, which is done
    }
  }

  /** What is asked for meanwhile may go on this very page. */
  function readPage(page: Page): void {
    let batch: string[] = [];
    for (let taken = 1; taken <= page.names.length; taken += 1) {
      const name = page.names[taken - 1] as string;
      page.has.delete(name);
      waiting -= 1;
      if (isDue(name)) {
        batch.push(name);
      }
      if (batch.length >= BATCH || (taken === page.names.length && batch.length > 0)) {
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

import type { Outcome } from "../balance/outcome";

/**
 * Parses nginx's `$upstream_*` variables of a request. They have one item for each try. nginx separates the tries of
 * one run of `proxy_pass` by `, ` and runs by ` : `; each internal redirect to another location that proxies begins
 * another run.
 */
export interface TryLists {
  readonly status: string | undefined;
  readonly address: string | undefined;
  readonly connectTime: string | undefined;
  readonly headerTime: string | undefined;
}

/** The outcome of one try, and where it went. */
export interface Attempt extends Outcome {
  /** As nginx writes it: the IP address and the port, also for a name. */
  readonly address: string;
}

/** Separates runs. It also stands at the end while nginx prepares another try. */
const BETWEEN_RUNS = " : ";

/**
 * Counts the runs of `proxy_pass` that a request has had: this is the index, from 0, of the next one.
 *
 * @param status `$upstream_status`
 */
export function countRuns(status: string | undefined): number {
  if (status === undefined || status === "") return 0;
  let count = 0;
  for (const [run] of string.gmatch(status + BETWEEN_RUNS, "(.-) : ")) {
    if (run !== "") count += 1;
  }
  return count;
}

/**
 * Finds one try in nginx's lists.
 *
 * @param run the index of its run, from 0
 * @param number its number in the run, from 1; 0: the last try
 * @returns nothing if there was no such try, or if it did not end, for example because the client left
 */
export function attemptOf(lists: TryLists, run: number, number: number): Attempt | undefined {
  const statuses = itemsOf(lists.status, run);
  const index = number === 0 ? statuses.length - 1 : number - 1 + countGhosts(statuses);
  const status = tonumber(statuses[index]);
  if (status === undefined) return undefined;
  return {
    status,
    address: itemsOf(lists.address, run)[index] ?? "",
    isConnected: (itemsOf(lists.connectTime, run)[index] ?? "-") !== "-",
    isAnswered: (itemsOf(lists.headerTime, run)[index] ?? "-") !== "-",
  };
}

/** @returns the address of the last try in a run, whether it has ended or not */
export function addressOf(addresses: string | undefined, run: number): string | undefined {
  const items = itemsOf(addresses, run);
  return items[items.length - 1];
}

/**
 * Counts the items at the beginning of a run that are not tries. A run whose name could not be resolved has no try,
 * but leaves an item at the beginning of the next run. Only the last try of a run can have no status: so an item
 * without one that is followed by another was no try.
 */
function countGhosts(statuses: readonly string[]): number {
  let count = 0;
  while (statuses[count] === "-" && count + 1 < statuses.length) count += 1;
  return count;
}

function itemsOf(list: string | undefined, run: number): readonly string[] {
  const items: string[] = [];
  let index = 0;
  for (const [tries = ""] of string.gmatch((list ?? "") + BETWEEN_RUNS, "(.-) : ")) {
    if (index === run) {
      for (const [item = ""] of string.gmatch(`${tries}, `, "(.-), ")) items.push(item);
    }
    index += 1;
  }
  return items;
}

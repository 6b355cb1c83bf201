import type { Outcome } from "../balance/outcome";

/**
 * nginx's `$upstream_*` variables of a request: an item for each try. nginx separates the tries of one run of `proxy_pass` by
 * `, `, and runs, each of another location that the request was led to, by ` : `.
 */
export interface TryLists {
  readonly status: string | undefined;
  readonly address: string | undefined;
  readonly connectTime: string | undefined;
  readonly headerTime: string | undefined;
}

/** What became of one try, and where it went. */
export interface Attempt extends Outcome {
  /** nginx's: of a name, one of its IP addresses and the port. */
  readonly address: string;
}

/** What separates runs. It also stands at the end while nginx prepares another try. */
const BETWEEN_RUNS = " : ";

/**
 * @param status `$upstream_status`
 * @returns how many runs of `proxy_pass` the request has had: the index, from 0, of the next one
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
 * @param run from 0
 * @param number the try's in its run, from 1; 0: the last
 * @returns nothing if there was no such try, or it came to no end, as when the client went away meanwhile
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

/** @returns the address of the last try in a run, whether it has come to an end or not. */
export function addressOf(addresses: string | undefined, run: number): string | undefined {
  const items = itemsOf(addresses, run);
  return items[items.length - 1];
}

/**
 * A run before that had no try, because its name could not be resolved, leaves an item at the beginning of the next run. A
 * try without a status is the last of its run, so what has none and is followed by another was no try.
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

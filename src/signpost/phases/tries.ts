import { Outcome } from "../upstream/outcome";
import { Use } from "./use";

/**
 * What became of the last try of a use, by nginx's `$upstream_*` variables; asked by the balancer, of the try before the
 * one that it prepares.
 *
 * @returns nothing if there was no try, or it came to no end, as when the client went away meanwhile
 */
export function outcomeOf(use: Use): Outcome | undefined {
  const status = tonumber(item(ngx.var.upstream_status, use));
  if (status === undefined) return undefined;
  return {
    status,
    isConnected: item(ngx.var.upstream_connect_time, use) !== "-",
    isAnswered: item(ngx.var.upstream_header_time, use) !== "-",
  };
}

/**
 * Tries are separated by `, `, those before an internal redirect by ` : `, which also stands where one is being prepared.
 * After ours there may be others: of a location to which `error_page` has led.
 */
function item(list: string | undefined, use: Use): string {
  let redirects = 0;
  for (const [tries = ""] of string.gmatch(`${list ?? ""} : `, "(.-) : ")) {
    if (redirects === use.redirects) return itemOf(tries, use.tries);
    redirects += 1;
  }
  return "-";
}

/** @param number from 1; 0: the last */
function itemOf(tries: string, number: number): string {
  let count = 0;
  let last = "-";
  for (const [word = "-"] of string.gmatch(tries, "[^, ]+")) {
    count += 1;
    last = word;
    if (count === number) return word;
  }
  return number === 0 ? last : "-";
}

import { Outcome } from "../upstream/outcome";

/**
 * What became of the request's last try, by nginx's `$upstream_*` variables; asked by the balancer, of the try before the
 * one that it prepares.
 *
 * @returns nothing if it came to no end, as when the client went away meanwhile
 */
export function outcomeOfLastTry(): Outcome | undefined {
  const status = tonumber(last(ngx.var.upstream_status));
  if (status === undefined) return undefined;
  return {
    status,
    isConnected: last(ngx.var.upstream_connect_time) !== "-",
    isAnswered: last(ngx.var.upstream_header_time) !== "-",
  };
}

/** Tries are separated by `, `, those before an internal redirect by ` : `, which also stands where one is being prepared. */
function last(tries: string | undefined): string {
  const [word = "-"] = string.match(tries ?? "", "([^ ,:]+)[ :]*$");
  return word;
}

import assert from "node:assert/strict";
import { eventually } from "./eventually.js";
import type { LogLine, Site } from "./site.js";

/**
 * The addresses that a request was sent to, in order; the last one answered, if any did. nginx writes ` : ` at the end where
 * the balancer was asked for one try more and gave none.
 */
export function triesOf({ upstream }: Pick<LogLine, "upstream">): string[] {
  const tried = upstream.replace(/ : $/, "");
  return tried === "" || tried === "-" ? [] : tried.split(", ");
}

/** Waits until so many requests to a host are in the access log, and gives their lines. */
export async function linesOf(site: Pick<Site, "log">, host: string, count: number): Promise<LogLine[]> {
  return await eventually(() => {
    const lines = site.log().filter((line) => line.host === host);
    assert.equal(lines.length, count, `requests to ${host} in the access log`);
    return lines;
  });
}

/** When requests to a host were tried at an address, or rather ended then: milliseconds since 1970, ascending. */
export function timesTried(site: Pick<Site, "log">, host: string, address: string): number[] {
  return site
    .log()
    .filter((line) => line.host === host && triesOf(line).includes(address))
    .map((line) => line.endedAt);
}

/** How often requests to a host were tried at each address. Waits until `count` requests are in the access log. */
export async function triesAt(
  site: Pick<Site, "log">,
  host: string,
  count: number,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const line of await linesOf(site, host, count)) {
    for (const address of triesOf(line)) counts[address] = (counts[address] ?? 0) + 1;
  }
  return counts;
}

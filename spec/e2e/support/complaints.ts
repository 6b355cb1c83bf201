import assert from "node:assert/strict";
import { eventually } from "./eventually.js";
import type { Site } from "./site.js";

/** For a site's `server`: the status page, which {@link metric} reads. */
export const STATUS_PAGE = "    location = /signpost { include signpost.status.conf; }";

/** The lines of nginx' error log that say what is wrong with a key of Redis, oldest first. */
export function complaintsAbout({ nginx }: Pick<Site, "nginx">, key: string): string[] {
  const lines = nginx.errorLog().split("\n");
  return lines.filter((line) => / signpost: bad_(route|pool) /.test(line) && line.includes(` ${key}: `));
}

/**
 * Makes a change of a key that spoils it, and waits until the error log complains of that.
 *
 * @returns the complaint
 */
export async function spoil(site: Pick<Site, "nginx">, key: string, change: () => Promise<unknown>): Promise<string> {
  const before = complaintsAbout(site, key).length;
  await change();
  return await eventually(() => {
    const complaint = complaintsAbout(site, key)[before];
    assert.ok(complaint !== undefined, `no complaint about ${key}`);
    return complaint;
  });
}

/** A number from the status page, such as `signpost_bad_routes_total`. */
export async function metric({ get }: Pick<Site, "get">, name: string): Promise<number> {
  const { body } = await get("status.test", "/signpost");
  const value = new RegExp(`^${name} (\\S+)$`, "m").exec(body)?.[1];
  assert.ok(value !== undefined, `no ${name} in:\n${body}`);
  return Number(value);
}

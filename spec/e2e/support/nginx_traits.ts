import { spawnSync } from "node:child_process";
import { stack } from "./environment.js";

const said = spawnSync(stack.nginx, ["-v"], { encoding: "utf8" }).stderr;
const [, product, release = "0"] = /nginx version: (\w+)\/([\d.]+)/.exec(said) ?? [];

/**
 * Whether nginx itself answers 400 to this Host: from 1.29.4 on it refuses what RFC 3986 does not allow in one. Older
 * nginx leaves that to Signpost.
 */
export function isRefusedByNginx(host: string): boolean {
  return isFrom("1.29.4") && /[#?\\@]|^\[.*%|[^ -~]/.test(host);
}

/** The block that requests go to whose backend is at an IP address, by plain http. */
export const usualBlock = product === "openresty" && isFrom("1.29.2.4") ? "signpost_fresh" : "signpost";

/** Whether the nginx under test is this release, or a later one. */
function isFrom(first: string): boolean {
  return first.localeCompare(release, "en", { numeric: true }) <= 0;
}

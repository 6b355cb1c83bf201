/** The client's module: OpenResty bundles it under the first name, Debian packages it under the second. */
const NAMES = ["resty.redis", "nginx.redis"] as const;

/** @returns the Redis client library. Raises where it is not installed: nginx then does not start. */
export function loadRedisModule(): typeof import("resty.redis") {
  for (const name of NAMES) {
    const [found, module] = pcall(require, name);
    if (found) {
      return module as typeof import("resty.redis");
    }
  }
  error(`signpost: no Redis client: neither ${NAMES[0]} nor ${NAMES[1]} can be loaded`);
}

/**
 * What `init { … }` takes. One table, `KNOBS`, says everything about each setting; the type `Settings`, the checks of
 * `readSettings` and the README's table are derived from it.
 */
export { KNOBS } from "./settings/knobs";
export { readSettings } from "./settings/read";
export { addressText, parseRedisUrl } from "./settings/redis_url";
export type { RedisEndpoint } from "./settings/endpoint";
export type { Knob } from "./settings/knob";
export type { Settings } from "./settings/read";
export type { RedisAddress, RedisUrl } from "./settings/redis_url";

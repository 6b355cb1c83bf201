/**
 * The settings of `init { … }`. One table, `KNOBS`, describes every setting. The type `Settings`, the checks of
 * `readSettings` and the README's table are derived from it.
 */
export { KNOBS } from "./knobs";
export { readSettings } from "./read";
export { addressText, parseRedisUrl } from "./redis_url";
export type { RedisEndpoint } from "./endpoint";
export type { Knob } from "./knob";
export type { Settings } from "./read";
export type { RedisAddress, RedisUrl } from "./redis_url";

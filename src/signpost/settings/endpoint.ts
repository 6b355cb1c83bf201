import { parseRedisUrl, type RedisAddress, type RedisUrl } from "./redis_url";
import type { EndpointPart, Given, Values } from "./values";

/**
 * The address of Redis and the login: the setting `redis` merged with `redis_user`, `redis_password` and
 * `redis_database`.
 */
export interface RedisEndpoint {
  readonly address: RedisAddress;
  /** Absent: the default user. Present only with a password. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database: number;
}

/** Parses the setting `redis`; returns nothing if it is absent or wrong, and adds a problem if it is wrong. */
export function readUrl(values: Partial<Values>, problems: string[]): RedisUrl | undefined {
  if (values.redis === undefined) return undefined;
  const [url, err, detail] = parseRedisUrl(values.redis);
  if (err !== undefined) problems.push(`redis: ${detail}`);
  return url;
}

/** Adds a problem for each setting that the address gives too, and for a user without a password. */
export function checkLogin(given: Given, url: RedisUrl, problems: string[]): void {
  refuseTwice("redis_user", url.user, given, problems);
  refuseTwice("redis_password", url.password, given, problems);
  refuseTwice("redis_database", url.database, given, problems);
  const hasPassword = url.password !== undefined || given.has("redis_password");
  if (given.has("redis_user") && !hasPassword) {
    problems.push("redis_user: expected a password with it, got none (redis_password)");
  }
}

function refuseTwice(name: EndpointPart, inUrl: unknown, given: Given, problems: string[]): void {
  if (inUrl !== undefined && given.has(name))
    problems.push(`${name}: expected once, got it in the address (redis) too`);
}

/** Merges the address and the settings. If `checkLogin` found no problem, each part was given at most once. */
export function mergeEndpoint(url: RedisUrl, values: Values): RedisEndpoint {
  return {
    address: url.address,
    user: url.user ?? values.redis_user,
    password: url.password ?? values.redis_password,
    database: url.database ?? values.redis_database,
  };
}

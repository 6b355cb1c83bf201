import { parseRedisUrl, type RedisAddress, type RedisUrl } from "./redis_url";
import type { EndpointPart, Given, Values } from "./values";

/** Where Redis is and who to be there: what the address and the settings beside it say together. */
export interface RedisEndpoint {
  readonly address: RedisAddress;
  /** Absent: the default user. Never without a password. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database: number;
}

/** What the setting `redis` says; nothing if that is a problem. */
export function readUrl(values: Partial<Values>, problems: string[]): RedisUrl | undefined {
  if (values.redis === undefined) return undefined;
  const [url, err, detail] = parseRedisUrl(values.redis);
  if (err !== undefined) problems.push(`redis: ${detail}`);
  return url;
}

/** Adds a problem for each setting that does not fit what the address says. */
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

/** Where `checkLogin` found no problem, each part is in one place at most. */
export function mergeEndpoint(url: RedisUrl, values: Values): RedisEndpoint {
  return {
    address: url.address,
    user: url.user ?? values.redis_user,
    password: url.password ?? values.redis_password,
    database: url.database ?? values.redis_database,
  };
}

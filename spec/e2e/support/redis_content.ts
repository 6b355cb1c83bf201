import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startRedis, type RedisServer } from "./redis_server.js";

/** What a Redis loads when it starts. */
export interface Content {
  /** Puts it where this Redis will load it from at its next start. Redis must not be running then. */
  install(): void;
}

/** Keeps all that Redis holds, for its next start. */
export async function saveContent(redis: RedisServer): Promise<void> {
  await redis.command("SAVE");
}

/**
 * Prepares other content for a Redis that runs, so that after a restart it never was without it.
 *
 * @param strings the string keys and their values
 */
export async function prepareContent(redis: RedisServer, strings: Readonly<Record<string, string>>): Promise<Content> {
  const path = await dumpPath(redis);
  const other = await startRedis();
  try {
    for (const [key, value] of Object.entries(strings)) await other.command("SET", key, value);
    await other.command("SAVE");
    const dump = readFileSync(await dumpPath(other));
    return { install: () => writeFileSync(path, dump) };
  } finally {
    await other.dispose();
  }
}

async function dumpPath(redis: RedisServer): Promise<string> {
  const value = async (name: string) => ((await redis.command("CONFIG", "GET", name)) as [string, string])[1];
  return join(await value("dir"), await value("dbfilename"));
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { stack } from "./environment.js";
import type { Place } from "./nginx_server.js";
import type { RedisServer } from "./redis_server.js";

/** Where the tests let a node keep its snapshot, or find its routes. */
export function routesFileOf(place: Place): string {
  return join(place.directory, "routes.redis");
}

/** The lines of a snapshot, without their ends; none while there is no file. */
export function linesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "latin1").split("\n");
  if (lines.pop() !== "") throw new Error(`the last line of ${path} has no end`);
  return lines;
}

/** What changes whenever another file is put in a file's place; empty while there is none. */
export function generation(path: string): string {
  return existsSync(path) ? `${statSync(path, { bigint: true }).ino} ${statSync(path, { bigint: true }).mtimeNs}` : "";
}

/** The snapshots of a node that were begun and are not, or never will be, finished: name and size of each. */
export function unfinished(place: Place): string[] {
  const names = readdirSync(place.directory).filter((name) => name.startsWith("routes.redis."));
  return names.flatMap((name) => {
    const size = statSync(join(place.directory, name), { throwIfNoEntry: false })?.size;
    return size === undefined ? [] : `${name} ${size}`;
  });
}

/**
 * Does what `redis-cli < file` does.
 *
 * @returns what redis-cli printed
 */
export async function restore(path: string, redis: RedisServer): Promise<string> {
  const child = spawn(stack.redisCli, ["-p", String(redis.port)], { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes.toString()));
  createReadStream(path).pipe(child.stdin);
  await once(child, "close");
  return output;
}

// A type's elements in an order of their own, each with its length before it, so that no two contents look alike.
const FINGERPRINTS = `
  local reads = { string = { "GET" }, hash = { "HGETALL" }, list = { "LRANGE", 0, -1 }, set = { "SMEMBERS" } }
  local found = {}
  for _, key in ipairs(redis.call("KEYS", ARGV[1])) do
    local kind = redis.call("TYPE", key).ok
    local read = reads[kind]
    local value = redis.call(read[1], key, unpack(read, 2))
    local parts = type(value) == "table" and value or { value }
    if kind == "hash" then
      local pairs_of = {}
      for i = 1, #parts, 2 do pairs_of[#pairs_of + 1] = #parts[i] .. ":" .. parts[i] .. parts[i + 1] end
      parts = pairs_of
    end
    if kind ~= "list" then table.sort(parts) end
    for i, part in ipairs(parts) do parts[i] = #part .. ":" .. part end
    found[#found + 1] = redis.sha1hex(key) .. " " .. kind .. " " .. redis.sha1hex(table.concat(parts))
  end
  table.sort(found)
  return found`;

/** One line for each key that matches, from which its name, type and content can be told from any other's. */
export async function fingerprints(redis: RedisServer, pattern: string): Promise<string[]> {
  return (await redis.command("EVAL", FINGERPRINTS, 0, pattern)) as string[];
}

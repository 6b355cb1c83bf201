import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The programs and directories under test. Each can be pointed elsewhere by the environment variable named; those that
 * are not are set by tools/programs.
 */
export interface Stack {
  /** `NGINX`: the nginx or OpenResty binary. */
  readonly nginx: string;
  /** `REDIS_SERVER`: the Redis or Valkey binary. */
  readonly redisServer: string;
  /** `REDIS_CLI`: a command-line client of either. */
  readonly redisCli: string;
  /** `NGINX_LOAD_MODULES`: where `ndk_http_module.so` and `ngx_http_lua_module.so` are; empty when built in (OpenResty). */
  readonly modulesDirectory: string;
  /** `LUA_PACKAGE_PATH`: further entries for nginx's `lua_package_path`. */
  readonly luaPackagePath: string;
  /** `SIGNPOST_LUA`: the compiled Lua under test; `lua-dist` of this checkout unless given. */
  readonly luaDirectory: string;
}

const DEBIAN_MODULES = "/usr/lib/nginx/modules";

/** The directory this checkout of the project is in: the nearest one above this file that holds `tstl.json`. */
export const checkout = findCheckout(dirname(fileURLToPath(import.meta.url)));

/** What this run of the tests is about. */
export const stack: Stack = {
  nginx: process.env["NGINX"] ?? "nginx",
  redisServer: process.env["REDIS_SERVER"] ?? "redis-server",
  redisCli: process.env["REDIS_CLI"] ?? "redis-cli",
  modulesDirectory: process.env["NGINX_LOAD_MODULES"] ?? (existsSync(DEBIAN_MODULES) ? DEBIAN_MODULES : ""),
  luaPackagePath: process.env["LUA_PACKAGE_PATH"] ?? "",
  luaDirectory: process.env["SIGNPOST_LUA"] ?? join(checkout, "lua-dist"),
};

function findCheckout(from: string): string {
  if (existsSync(join(from, "tstl.json"))) return from;
  const above = dirname(from);
  if (above === from) throw new Error("no directory above this file holds tstl.json");
  return findCheckout(above);
}

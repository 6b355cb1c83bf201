import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout, stack } from "./environment.js";
import { luaLiteral, type LuaValue } from "./lua_literal.js";
import { READY_PATH, type ConfigWriter, type Place } from "./nginx_server.js";

/** The table given to `require("signpost").init`. */
export type Settings = Readonly<Record<string, LuaValue>>;

/** What a configuration of the tests may differ in. Text is nginx configuration, in the block named. */
export interface ConfigOptions {
  readonly settings?: Settings;
  /** `worker_processes`; 1 unless given. */
  readonly workers?: number;
  /** `worker_connections`; 4,096 unless given. */
  readonly workerConnections?: number;
  readonly main?: string;
  readonly http?: string;
  /** At http level, above the include. */
  readonly beforeHttp?: string;
  readonly server?: string;
  readonly location?: string;
  /** The address of a name server, for `resolver`. */
  readonly resolver?: string;
  /** Changes the text of a shipped snippet, such as the size of a shared dict, before its paths are adapted. */
  readonly snippet?: (text: string, name: string) => string;
  /** Where Signpost's Lua is; that under test unless given. */
  readonly luaDirectory?: string;
}

/** The literals in the shipped files that stand for the user's own layout. */
const INSTALLED_LUA = "/usr/local/share/lua/5.1/";
const INSTALLED_SNIPPETS = "/etc/nginx/signpost/";

// One JSON object a line, read by site.ts.
const LOG_FIELDS = {
  id: "$http_x_request_id",
  pid: "$pid",
  status: "$status",
  error: "$signpost_error",
  cache: "$signpost_cache",
  route: "$signpost_route",
  pool: "$signpost_pool",
  upstream: "$upstream_addr",
  host: "$http_host",
  method: "$request_method",
  target: "$request_uri",
  seconds: "$request_time",
  endedAt: "$msec",
};

/** What every nginx of the tests needs whatever it serves: it stays in the foreground and in its own directory. */
export function mainBlock(
  place: Place,
  options: Pick<ConfigOptions, "workers" | "workerConnections" | "main"> = {},
): string {
  return `${moduleLines()}${processLines(place)}
worker_processes ${options.workers ?? 1};
${options.main ?? ""}
events { worker_connections ${options.workerConnections ?? 4096}; }
`;
}

function moduleLines(): string {
  if (stack.modulesDirectory === "") return "";
  const names = ["ndk_http_module.so", "ngx_http_lua_module.so"];
  return names.map((name) => `load_module ${join(stack.modulesDirectory, name)};\n`).join("");
}

function processLines(place: Place): string {
  // Workers must be able to reach the files and sockets in directories that belong to whoever runs the tests.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  return `daemon off;
master_process on;
${user}
pid ${place.directory}/nginx.pid;
error_log ${place.directory}/error.log info;
`;
}

/** What an http block of the tests needs whatever it serves: temporary files in its own directory. */
export function httpPaths(place: Place): string {
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return kinds.map((kind) => `  ${kind}_temp_path ${place.directory}/${kind};`).join("\n");
}

/** A configuration that boots the shipped snippets, as a user would include them. */
export function signpostConfig(options: ConfigOptions): ConfigWriter {
  return (place) => {
    copySnippets(place, options);
    return mainBlock(place, options) + httpBlock(place, options);
  };
}

/**
 * The shipped example itself. Replaced in its text is what a user would adapt (ports, Redis, directories); added is what
 * keeps this nginx in its own directory.
 */
export function exampleConfig(redisUrl: string, statusPort: number): ConfigWriter {
  return (place) => {
    copySnippets(place, {});
    const text = readFileSync(join(checkout, "nginx", "example.conf"), "utf8");
    const adapted = adapt(text, place, stack.luaDirectory)
      .replace("listen 8080", `listen 127.0.0.1:${place.port}`)
      .replace("listen 127.0.0.1:8081", `listen 127.0.0.1:${statusPort}`)
      .replace("redis://127.0.0.1:6379/0", redisUrl)
      .replace("/var/log/nginx/signpost.log", `${place.directory}/access.log`)
      .replace(/^include \/etc\/nginx\/modules-enabled\/.*$/gm, "")
      .replace(/^http {$/m, `http {\n${httpPaths(place)}\n  lua_package_path "${luaPackagePath()}";`);
    return moduleLines() + processLines(place) + adapted;
  };
}

function httpBlock(place: Place, options: ConfigOptions): string {
  return `http {
${httpPaths(place)}
  log_format e2e escape=json '{${Object.entries(LOG_FIELDS)
    .map(([name, value]) => `"${name}":"${value}"`)
    .join()}}';
  access_log ${place.directory}/access.log e2e;
  lua_package_path "${luaPackagePath(options.luaDirectory)}";
${options.beforeHttp ?? ""}
  include ${place.directory}/signpost.http.conf;
  init_by_lua_block { require("signpost").init ${luaLiteral(options.settings ?? {})} }
  init_worker_by_lua_block { require("signpost").init_worker() }
${options.resolver === undefined ? "" : `  resolver ${options.resolver} ipv6=off;`}
${options.http ?? ""}
  server {
    listen 127.0.0.1:${place.port};
    include ${place.directory}/signpost.server.conf;
${options.server ?? ""}
    location = ${READY_PATH} {
      access_log off;
      return 204;
    }
    location / {
      include ${place.directory}/signpost.location.conf;
${options.location ?? ""}
    }
  }
}
`;
}

function copySnippets(place: Place, options: Pick<ConfigOptions, "snippet" | "luaDirectory">): void {
  const { snippet: edit = (text: string) => text, luaDirectory = stack.luaDirectory } = options;
  const directory = join(checkout, "nginx");
  for (const name of readdirSync(directory).filter((name) => /^signpost\..*\.conf$/.test(name))) {
    const text = readFileSync(join(directory, name), "utf8");
    writeFileSync(join(place.directory, name), adapt(edit(text, name), place, luaDirectory));
  }
}

function adapt(text: string, place: Place, luaDirectory: string): string {
  return text.replaceAll(INSTALLED_LUA, `${luaDirectory}/`).replaceAll(INSTALLED_SNIPPETS, `${place.directory}/`);
}

/** @returns what `lua_package_path` must be for Signpost's files to be found. */
export function luaPackagePath(luaDirectory = stack.luaDirectory): string {
  const extra = stack.luaPackagePath === "" ? "" : `${stack.luaPackagePath};`;
  return `${luaDirectory}/?.lua;${extra};`;
}

import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { startBackend, startRawBackend, type Backend, type BackendOptions, type RawBackend } from "./backend.js";
import { signpostConfig, type ConfigOptions, type Settings } from "./config.js";
import { eventually } from "./eventually.js";
import { request, type Answer, type Request } from "./http_client.js";
import { luaErrors } from "./error_log.js";
import { startNginx, type ConfigWriter, type NginxServer } from "./nginx_server.js";
import { openBlackHole, startPeer, type BlackHole, type Peer } from "./peer.js";
import { startRedis, type RedisOptions, type RedisServer } from "./redis_server.js";

/** Everything a suite runs against: nginx with the shipped snippets, a Redis, and named backends. */
export interface Site<Name extends string = string> {
  readonly redis: RedisServer;
  readonly nginx: NginxServer;
  readonly backends: Readonly<Record<Name, Backend>>;
  /** Starts one more backend, closed with the site. */
  startBackend(name: string, options: BackendOptions): Promise<Backend>;
  /** Starts a TCP server as a backend, closed with the site; `serve` is given every connection. */
  startRawBackend(serve: (socket: Socket) => void): Promise<RawBackend>;
  /** Starts a backend in a process of its own, ended with the site. */
  startPeer(name: string): Promise<Peer>;
  /** Makes an address that connecting to takes for ever. */
  openBlackHole(): Promise<BlackHole>;
  /** Sends a GET (or what `options` say) through nginx. */
  get(host: string, path?: string, options?: Omit<Request, "host" | "path">): Promise<LoggedAnswer>;
  /** Writes a string route into Redis: `SET route:<host> <target>`. */
  route(host: string, target: string): Promise<void>;
  /**
   * Writes a pool into Redis, and a route that leads to it: `HSET pool:<name> …`, `SET route:<name>.test @<name>`.
   *
   * @param members their addresses; each weighs 1, unless `fields` says otherwise
   * @param fields options and further weights
   * @returns the host: `<name>.test`
   */
  pool(name: string, members: readonly string[], fields?: Readonly<Record<string, string | number>>): Promise<string>;
  /** The lines of the access log so far. */
  log(): LogLine[];
  /** Waits for the first line of the access log that `matches`. */
  logged(matches: (line: LogLine) => boolean): Promise<LogLine>;
  /** Lines of nginx' error log, since this was last asked, that must never be there, but for those allowed. */
  newLuaErrors(allowed?: readonly RegExp[]): string[];
  /** Ends nginx in good order, then all the rest, and gives the lines that must never be in an error log. */
  dispose(): Promise<string[]>;
}

/** What a site may differ in. */
export interface SiteOptions<Name extends string = string> extends Omit<ConfigOptions, "settings"> {
  /** A backend is started for each name, and says it. */
  readonly backends?: readonly Name[];
  readonly redis?: RedisOptions;
  /** A configuration other than the harness' own; most of the options have no effect then. */
  readonly config?: (redis: RedisServer) => ConfigWriter;
  /** Added to the one setting every site needs: `redis`, the address of its Redis. */
  readonly settings?: Settings | ((redis: RedisServer) => Settings);
}

/** An answer whose line in the access log can be asked for. */
export interface LoggedAnswer extends Answer {
  /** Waits for this request's line in the access log. */
  logged(): Promise<LogLine>;
}

/** One line of the access log. Variables that were never set are empty. */
export interface LogLine {
  readonly id: string;
  /** The worker that answered. */
  readonly pid: number;
  readonly status: number;
  readonly error: string;
  readonly cache: string;
  readonly route: string;
  readonly pool: string;
  /** The backends that were tried, in their order, with `, ` between. */
  readonly upstream: string;
  readonly host: string;
  readonly method: string;
  readonly target: string;
  readonly seconds: number;
  /** When it was written, milliseconds since 1970. */
  readonly endedAt: number;
}

/**
 * Starts a site: Redis, backends, nginx.
 *
 * @throws an Error when one of them does not come up; nothing is left running then
 */
export async function startSite<Name extends string = never>(options: SiteOptions<Name> = {}): Promise<Site<Name>> {
  const redis = await startRedis(options.redis);
  const backends = {} as Record<Name, Backend>;
  for (const name of options.backends ?? []) backends[name] = await startBackend(name);
  try {
    const config = options.config?.(redis) ?? signpostConfig({ ...options, settings: allSettings(options, redis) });
    const nginx = await startNginx(config);
    return assemble(redis, nginx, backends);
  } catch (error) {
    await disposeAll(redis, backends);
    throw error;
  }
}

/** What `require("signpost").init` is given for a site: `redis`, and what the options add or change. */
export function allSettings(options: Pick<SiteOptions, "settings">, redis: RedisServer): Settings {
  const { settings } = options;
  return { redis: redis.url, ...(typeof settings === "function" ? settings(redis) : settings) };
}

function assemble<Name extends string>(
  redis: RedisServer,
  nginx: NginxServer,
  backends: Record<Name, Backend>,
): Site<Name> {
  const more: { close(): Promise<void> }[] = [];
  let seenBytes = 0;
  const log = () => parseLog(nginx.accessLog());

  async function get(host: string, path = "/", options: Omit<Request, "host" | "path"> = {}): Promise<LoggedAnswer> {
    const id = randomUUID();
    const headers = { "x-request-id": id, ...options.headers };
    const answer = await request(nginx.port, { ...options, host, path, headers });
    return { ...answer, logged: () => logged((line) => line.id === id) };
  }

  // nginx writes the line after it has sent the answer.
  async function logged(matches: (line: LogLine) => boolean): Promise<LogLine> {
    return await eventually(() => {
      const line = log().find(matches);
      if (line === undefined) throw new Error(`no such line in the access log:\n${nginx.accessLog()}`);
      return line;
    });
  }

  function newLuaErrors(allowed: readonly RegExp[] = []): string[] {
    const text = nginx.errorLog().slice(seenBytes);
    seenBytes += text.length;
    return luaErrors(text, allowed);
  }

  async function dispose(): Promise<string[]> {
    await nginx.stop();
    const errors = newLuaErrors();
    await nginx.dispose();
    await Promise.all(more.map((backend) => backend.close()));
    await disposeAll(redis, backends);
    return errors;
  }

  async function keep<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> {
    const backend = await starting;
    more.push(backend);
    return backend;
  }

  return {
    redis,
    nginx,
    backends,
    startBackend: (name, options) => keep(startBackend(name, options)),
    startRawBackend: (serve) => keep(startRawBackend(serve)),
    startPeer: (name) => keep(startPeer(name)),
    openBlackHole: () => keep(openBlackHole()),
    get,
    route: async (host, target) => {
      await redis.command("SET", `route:${host}`, target);
    },
    pool: async (name, members, fields = {}) => {
      const weights = members.flatMap((address) => [address, "1"]);
      await redis.command("HSET", `pool:${name}`, ...weights, ...Object.entries(fields).flat().map(String));
      await redis.command("SET", `route:${name}.test`, `@${name}`);
      return `${name}.test`;
    },
    log,
    logged,
    newLuaErrors,
    dispose,
  };
}

async function disposeAll(redis: RedisServer, backends: Readonly<Record<string, Backend>>): Promise<void> {
  for (const backend of Object.values(backends)) await backend.close();
  await redis.dispose();
}

function parseLog(text: string): LogLine[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const fields = JSON.parse(line) as Record<keyof LogLine, string>;
      const { pid, status, seconds, endedAt } = fields;
      return {
        ...fields,
        pid: Number(pid),
        status: Number(status),
        seconds: Number(seconds),
        endedAt: Math.round(Number(endedAt) * 1_000),
      };
    });
}

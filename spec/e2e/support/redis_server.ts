import { join } from "node:path";
import { startChild, whenReady, type Child } from "./child.js";
import { stack } from "./environment.js";
import { makeDirectory, removeDirectory } from "./leftovers.js";
import { withFreePort } from "./ports.js";
import { connectRedis, type RedisClient, type Reply } from "./redis_client.js";

/** How a Redis server of the tests is started. */
export interface RedisOptions {
  /** Further arguments for the command line, such as `--requirepass secret`. */
  readonly args?: readonly string[];
  /** Listen on a unix socket too: {@link RedisServer.unixSocket}. */
  readonly unixSocket?: boolean;
  /** Keep what was written through {@link RedisServer.kill} and {@link RedisServer.start}; otherwise it is lost. */
  readonly persistent?: boolean;
  /** The default user's password, for the harness' own connection. */
  readonly password?: string;
}

/** Tells how often each command was given so far. */
export type CommandCounts = () => Promise<Record<string, number>>;

/** One Redis of its own, in a temporary directory, on loopback. */
export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:<port>`, without a database number. */
  readonly url: string;
  /** The path of its unix socket, there when it was asked for. */
  readonly unixSocket: string;
  /**
   * Runs one command on the harness' own connection.
   *
   * @throws an Error with Redis' own words, or when Redis is not there
   */
  command(...args: readonly (string | number | Buffer)[]): Promise<Reply>;
  /**
   * Which commands Redis was given by others while `action` ran, and how often: `{ get: 2, type: 2 }`. `action` may ask for
   * the counts so far.
   */
  countCommands(action: (sinceThen: CommandCounts) => Promise<unknown>): Promise<Record<string, number>>;
  /** Every command Redis is given from now on, as MONITOR prints them, until `stop`. */
  monitor(): Promise<{ readonly lines: readonly string[]; stop(): void }>;
  /** Starts it again, on the same port, after {@link stop} or {@link kill}. */
  start(): Promise<void>;
  /** Ends it in good order. */
  stop(): Promise<void>;
  /** Ends it by SIGKILL. */
  kill(): Promise<void>;
  /** Stops it in its tracks (SIGSTOP): connections are accepted by the kernel, nothing is answered. */
  pause(): void;
  /** Lets it go on (SIGCONT). */
  resume(): void;
  /** Ends it and removes its directory. */
  dispose(): Promise<void>;
}

/**
 * Starts a Redis server and waits until it answers.
 *
 * @throws an Error with what it printed, when it does not come up
 */
export function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const directory = makeDirectory("redis");
  return withFreePort((port) => startRedisOn(port, directory, options));
}

async function startRedisOn(port: number, directory: string, options: RedisOptions): Promise<RedisServer> {
  const unixSocket = join(directory, "redis.sock");
  let child: Child | undefined;
  let client: RedisClient | undefined;

  async function start(): Promise<void> {
    const started = await startChild(stack.redisServer, redisArguments(port, directory, unixSocket, options));
    client = await whenReady(started, () => connectWhenReady(started, port, options.password));
    child = started;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    client?.close();
    child?.signal("SIGCONT");
    await child?.stop(signal, 3_000);
    client = child = undefined;
  }

  async function command(...args: readonly (string | number | Buffer)[]): Promise<Reply> {
    if (client === undefined) throw new Error("redis: not running");
    return await client.command(...args);
  }

  async function countCommands(
    action: (sinceThen: CommandCounts) => Promise<unknown>,
  ): Promise<Record<string, number>> {
    const before = parseCommandStats(await command("INFO", "commandstats"));
    const sinceThen = async () => {
      const after = parseCommandStats(await command("INFO", "commandstats"));
      const counts = Object.entries(after).map(([name, calls]) => [name, calls - (before[name] ?? 0)] as const);
      return Object.fromEntries(counts.filter(([name, calls]) => calls > 0 && name !== "info"));
    };
    await action(sinceThen);
    return await sinceThen();
  }

  async function monitor(): Promise<{ lines: readonly string[]; stop(): void }> {
    const lines: string[] = [];
    const watcher = await connectRedis(port, (line) => lines.push(String(line)));
    if (options.password !== undefined) await watcher.command("AUTH", options.password);
    await watcher.command("MONITOR");
    return { lines, stop: () => watcher.close() };
  }

  async function dispose(): Promise<void> {
    await end("SIGKILL");
    removeDirectory(directory);
  }

  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    unixSocket,
    command,
    countCommands,
    monitor,
    start,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    pause: () => child?.signal("SIGSTOP"),
    resume: () => child?.signal("SIGCONT"),
    dispose,
  };
}

function redisArguments(port: number, directory: string, unixSocket: string, options: RedisOptions): string[] {
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", ""];
  args.push("--appendonly", options.persistent === true ? "yes" : "no");
  if (options.unixSocket === true) args.push("--unixsocket", unixSocket);
  return [...args, ...(options.args ?? [])];
}

async function connectWhenReady(child: Child, port: number, password: string | undefined): Promise<RedisClient> {
  // Whoever answers on the port must be this child, not another program that was faster to take it.
  if (!/ready to accept connections/i.test(child.output())) throw new Error("redis-server is not ready");
  const client = await connectRedis(port);
  if (password !== undefined) await client.command("AUTH", password);
  await client.command("PING");
  return client;
}

function parseCommandStats(info: Reply): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, name, calls] of String(info).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    counts[name as string] = Number(calls);
  }
  return counts;
}

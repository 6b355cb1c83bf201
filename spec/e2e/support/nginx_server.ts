import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startChild, whenReady, type Child } from "./child.js";
import { stack } from "./environment.js";
import { eventually } from "./eventually.js";
import { request } from "./http_client.js";
import { makeDirectory, removeDirectory } from "./leftovers.js";
import { withFreePort } from "./ports.js";

/** Where an nginx of the tests lives: what its configuration needs to know. */
export interface Place {
  /** The port to listen on, at 127.0.0.1. */
  readonly port: number;
  /** Its temporary directory; `error.log` and `access.log` belong in it. */
  readonly directory: string;
}

/** Writes a configuration, and whatever files it includes, for the place given. */
export type ConfigWriter = (place: Place) => string;

/** An nginx of its own, in a temporary directory, on loopback. */
export interface NginxServer extends Place {
  /** All of the error log so far. */
  errorLog(): string;
  /** All of the access log so far. */
  accessLog(): string;
  /** The process ids of the workers that are running, as the error log tells them. */
  workers(): number[];
  /**
   * Reads the configuration again (SIGHUP) and waits until the new workers run and the old ones have ended.
   *
   * @throws an Error with nginx' own words when it refuses the configuration
   */
  reload(): Promise<void>;
  /** Writes the configuration anew; {@link reload} or {@link start} makes nginx read it. */
  configure(config: ConfigWriter): void;
  /** Starts it again, on the same port, after {@link stop}. */
  start(): Promise<void>;
  /** Ends it in good order (QUIT), or by SIGKILL when requests are still under way after `graceMs` (3,000) milliseconds. */
  stop(graceMs?: number): Promise<void>;
  /** Ends it and removes its directory. */
  dispose(): Promise<void>;
}

/** Answered by nginx itself in configurations of the harness, so that waiting for it asks Redis nothing. */
export const READY_PATH = "/.ready";

/**
 * Starts nginx and waits until it answers.
 *
 * @throws an Error with what nginx printed, when it does not come up
 */
export function startNginx(config: ConfigWriter): Promise<NginxServer> {
  return withFreePort((port) => startNginxOn(port, config));
}

async function startNginxOn(port: number, config: ConfigWriter): Promise<NginxServer> {
  const directory = makeDirectory("nginx");
  const place = { port, directory };
  const read = (name: string) => readFileSync(join(directory, name), "latin1");
  const errorLog = () => read("error.log");
  const workers = () => runningWorkers(errorLog());
  let child: Child | undefined;

  const configure = (writer: ConfigWriter) => writeFileSync(join(directory, "nginx.conf"), writer(place));

  async function start(): Promise<void> {
    const started = await startChild(stack.nginx, nginxArguments(directory));
    await whenReady(started, () => answer(port));
    child = started;
  }

  async function reload(): Promise<void> {
    const before = errorLog().length;
    const old = new Set(workers());
    child?.signal("SIGHUP");
    const refusal = () => /(\[emerg\]|init_by_lua error).*/.exec(errorLog().slice(before))?.[0];
    await eventually(() => {
      const now = workers();
      const done = now.length > 0 && now.every((pid) => !old.has(pid));
      if (!done && refusal() === undefined) throw new Error("nginx has not finished its reload");
    });
    const reason = refusal();
    if (reason !== undefined) throw new Error(reason);
  }

  async function stop(graceMs = 3_000): Promise<void> {
    await child?.stop("SIGQUIT", graceMs);
    child = undefined;
  }

  async function dispose(): Promise<void> {
    await stop(500);
    removeDirectory(directory);
  }

  for (const name of ["error.log", "access.log"]) writeFileSync(join(directory, name), "");
  configure(config);
  try {
    await start();
  } catch (error) {
    removeDirectory(directory);
    throw error;
  }
  const accessLog = () => read("access.log");
  return { ...place, errorLog, accessLog, workers, reload, configure, start, stop, dispose };
}

function nginxArguments(directory: string): string[] {
  return ["-p", directory, "-c", join(directory, "nginx.conf"), "-e", join(directory, "error.log")];
}

function runningWorkers(errorLog: string): number[] {
  const running = new Set<number>();
  for (const [, started, ended] of errorLog.matchAll(/start worker process (\d+)|worker process (\d+) exited/g)) {
    if (started !== undefined) running.add(Number(started));
    else running.delete(Number(ended));
  }
  return [...running];
}

function answer(port: number): Promise<object> {
  return request(port, { path: READY_PATH, host: "127.0.0.1" });
}

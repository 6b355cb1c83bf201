import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { checkout } from "../spec/e2e/support/environment.js";

/** A wrk that is putting an nginx under load. */
export interface Load {
  readonly finished: Promise<LoadReport>;
  /** Ends it and says how many requests it made, and how many of those went wrong. */
  stop(): Promise<LoadReport>;
}

/** What wrk has seen. */
export interface LoadReport {
  readonly requests: number;
  readonly failed: number;
  readonly requestsPerSecond: number;
}

/** What wrk is to do. */
export interface LoadOptions {
  /** The host that is asked for, or how many hosts are asked for in turn: those of routes.ts. */
  readonly host: string | number;
  readonly connections: number;
  /** At the latest then it ends by itself. */
  readonly seconds: number;
}

/** Starts wrk (Debian's package of that name) with one thread on a port of 127.0.0.1. */
export function startLoad(port: number, options: LoadOptions): Load {
  const { host, connections, seconds } = options;
  const inTurn = typeof host === "number";
  const which = inTurn ? ["-s", join(checkout, "bench", "hosts.lua")] : ["-H", `Host: ${host}`];
  const words = ["-t1", `-c${connections}`, `-d${seconds}s`, ...which, `http://127.0.0.1:${port}/`];
  if (inTurn) words.push("--", String(host));
  const child = spawn("wrk", words, { stdio: ["ignore", "pipe", "inherit"] });
  const end = () => child.kill("SIGINT");
  process.once("exit", end);
  const finished = readReport(child).finally(() => process.off("exit", end));
  return {
    finished,
    stop: () => {
      end();
      return finished;
    },
  };
}

async function readReport(child: ChildProcess): Promise<LoadReport> {
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(child, "close");
  const numberAfter = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  return {
    requests: numberAfter(/(\d+) requests in/),
    failed: numberAfter(/Non-2xx or 3xx responses: (\d+)/) + numberAfter(/Socket errors:.* timeout (\d+)/),
    requestsPerSecond: numberAfter(/Requests\/sec:\s+([\d.]+)/),
  };
}

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

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
}

/** What wrk is to do. */
export interface LoadOptions {
  readonly host: string;
  readonly connections: number;
  /** At the latest then it ends by itself. */
  readonly seconds: number;
}

/** Starts wrk (Debian's package of that name) with one thread on a port of 127.0.0.1. */
export function startLoad(port: number, options: LoadOptions): Load {
  const words = ["-t1", `-c${options.connections}`, `-d${options.seconds}s`, "-H", `Host: ${options.host}`];
  const child = spawn("wrk", [...words, `http://127.0.0.1:${port}/`], { stdio: ["ignore", "pipe", "inherit"] });
  const finished = readReport(child);
  return {
    finished,
    stop: () => {
      child.kill("SIGINT");
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
  };
}

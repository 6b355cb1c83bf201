import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startChild, whenReady, type Child } from "../spec/e2e/support/child.js";
import { stack } from "../spec/e2e/support/environment.js";
import { request } from "../spec/e2e/support/http_client.js";
import { makeDirectory, removeDirectory } from "../spec/e2e/support/leftovers.js";
import { READY_PATH, startNginx, type Place } from "../spec/e2e/support/nginx_server.js";
import { withFreePort } from "../spec/e2e/support/ports.js";
import type { Proxy } from "./contenders.js";
import { keepTo, MEASURED } from "./cores.js";
import { startLoad } from "./wrk.js";

/** A proxy that runs. */
export interface RunningProxy {
  readonly port: number;
  /** CPU time that the process that does the work has taken so far, in seconds. */
  cpuSeconds(): number;
  dispose(): Promise<void>;
}

/**
 * Starts a proxy, the process that does the work on the core for what is measured.
 * @throws an Error with what it printed, when it does not come up
 */
export async function startProxy(proxy: Proxy): Promise<RunningProxy> {
  if (proxy.program === "haproxy") {
    const { child, place } = await withFreePort((port) => start(proxy, port, [], 10_000));
    const dispose = () => end(child, place);
    return { port: place.port, cpuSeconds: () => cpuSeconds(child.pid), dispose };
  }
  const server = await startNginx(proxy.config);
  const worker = server.workers()[0] as number;
  keepTo(MEASURED, worker);
  return { port: server.port, cpuSeconds: () => cpuSeconds(worker), dispose: () => server.dispose() };
}

/** Whether the machine has a program. */
export function has(program: string): boolean {
  try {
    execFileSync("sh", ["-c", 'command -v "$0"', program], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * How many instructions a request takes in user space, counted by callgrind with one connection, after as much load as
 * it takes for LuaJIT to have compiled what it will.
 *
 * @param hosts how many are asked for in turn
 */
export async function instructionsPerRequest(proxy: Proxy, hosts: number): Promise<number> {
  const { child, place } = await withFreePort((port) => start(proxy, port, VALGRIND, 60_000));
  try {
    const control = (...words: string[]) =>
      execFileSync("callgrind_control", [...words, String(child.pid)], { stdio: "ignore" });
    const load = (seconds: number) => startLoad(place.port, { host: hosts, connections: 1, seconds }).finished;
    let warmth = 0;
    while (warmth < 3 * hosts + 2000) {
      const { requests, failed } = await load(2);
      if (requests === 0 || failed > 0) throw new Error(`${failed} of ${requests} requests failed: ${child.output()}`);
      warmth += requests;
    }
    control("--instr=on");
    const { requests } = await load(3);
    control("--instr=off");
    control("--dump");
    const counted = readFileSync(join(place.directory, "callgrind.out.1"), "utf8");
    return Number(/^totals: (\d+)/m.exec(counted)?.[1]) / requests;
  } finally {
    await end(child, place);
  }
}

// `all-non-file`: LuaJIT writes machine code over machine code.
const VALGRIND = ["valgrind", "--tool=callgrind", "--smc-check=all-non-file", "--instr-atstart=no"];

/** Starts it as one process: what does the work is the child itself. */
async function start(
  proxy: Proxy,
  port: number,
  wrapper: readonly string[],
  withinMs: number,
): Promise<{ child: Child; place: Place }> {
  const place = { port, directory: makeDirectory(proxy.program) };
  const file = join(place.directory, "conf");
  writeFileSync(file, proxy.config(place).replace("master_process on;", "master_process off;"));
  writeFileSync(join(place.directory, "error.log"), "");
  const out = wrapper.length === 0 ? [] : [`--callgrind-out-file=${place.directory}/callgrind.out`];
  const [program, ...args] = [...wrapper, ...out, ...commandOf(proxy, place, file)] as [string, ...string[]];
  const child = await startChild(program, args);
  const ready = () => request(port, { path: READY_PATH, host: "127.0.0.1" });
  try {
    await whenReady(child, ready, withinMs);
    keepTo(MEASURED, child.pid);
    return { child, place };
  } catch (error) {
    removeDirectory(place.directory);
    throw error;
  }
}

function commandOf(proxy: Proxy, place: Place, file: string): string[] {
  if (proxy.program === "haproxy") return ["haproxy", "-db", "-f", file];
  return [stack.nginx, "-p", place.directory, "-c", file, "-e", join(place.directory, "error.log")];
}

async function end(child: Child, place: Place): Promise<void> {
  await child.stop("SIGTERM", 3_000);
  removeDirectory(place.directory);
}

/** In /proc/<pid>/schedstat the first number is nanoseconds on a CPU, in user space and in the kernel. */
function cpuSeconds(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e9;
}

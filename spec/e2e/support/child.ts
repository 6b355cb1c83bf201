import { spawn } from "node:child_process";
import { once } from "node:events";
import { eventually, within } from "./eventually.js";
import { forgetGroup, killGroup, rememberGroup } from "./leftovers.js";

/** A program running in a process group of its own, so that it and its workers can be signalled, and nothing else. */
export interface Child {
  readonly pid: number;
  /** All it wrote to stdout and stderr. */
  output(): string;
  isRunning(): boolean;
  /** Signals the program itself, not its workers. */
  signal(name: NodeJS.Signals): void;
  /** Resolves when the program has ended. */
  readonly ended: Promise<void>;
  /**
   * Ends the program and its workers: politely with `signal`, and by SIGKILL when it is still there after `graceMs`
   * milliseconds. Does nothing when it has ended already.
   */
  stop(signal: NodeJS.Signals, graceMs: number): Promise<void>;
}

// nginx takes an environment variable of this name for sockets that it inherits; here it names the nginx under test.
const { NGINX: _, ...environment } = process.env;

/**
 * Starts a program.
 *
 * @throws an Error when the program does not exist or may not be run
 */
export async function startChild(program: string, args: readonly string[]): Promise<Child> {
  const child = spawn(program, args, { detached: true, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await once(child, "spawn");
  const pid = child.pid as number;
  rememberGroup(pid);
  const isRunning = () => child.exitCode === null && child.signalCode === null;

  async function stop(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    if (isRunning()) {
      child.kill(signal);
      await within(ended, program, graceMs).catch(() => undefined);
    }
    killGroup(pid, "SIGKILL");
    await ended;
    forgetGroup(pid);
  }

  return { pid, output: () => output, isRunning, signal: (name) => void child.kill(name), ended, stop };
}

/**
 * Waits until a program just started does its work.
 *
 * @param isReady throws as long as it does not
 * @throws an Error with what the program printed, when it ended or took longer than `withinMs` milliseconds; it has
 *   been stopped then
 */
export async function whenReady<T extends object>(
  child: Child,
  isReady: () => Promise<T>,
  withinMs?: number,
): Promise<T> {
  try {
    const ready = await eventually(() => (child.isRunning() ? isReady() : undefined), withinMs);
    if (ready !== undefined) return ready;
    throw new Error("it has ended");
  } catch (error) {
    await child.stop("SIGTERM", 1_000);
    throw new Error(`not ready: ${String(error)}\n${child.output()}`, { cause: error });
  }
}

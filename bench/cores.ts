import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** The core that what is measured has to itself. */
export const MEASURED = 0;

/** The core for all else: the load, the backend, Redis. */
export const REST = 1;

/**
 * Keeps a process, with all its threads and the processes it will start, to one core, by taskset (util-linux).
 *
 * What shares its core with the load pays for whatever that has pushed out of the core's caches, more or less as the
 * kernel happens to place them. A machine with only one core has nothing to choose.
 *
 * @throws an Error if there is no such process
 */
export function keepTo(core: number, pid: number): void {
  if (availableParallelism() < 2) return;
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", String(core), String(pid)], { stdio: "ignore" });
}

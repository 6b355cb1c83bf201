import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Whatever happens to a test run, nothing of it stays behind: every process started and every directory made is
// remembered here until it is gone, and what is still here when this process ends is killed and removed.
const groups = new Set<number>();
const directories = new Set<string>();

process.once("exit", () => {
  for (const group of groups) killGroup(group, "SIGKILL");
  for (const directory of directories) removeDirectory(directory);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

/** Makes an empty temporary directory, removed by {@link removeDirectory} or at the latest when this process ends. */
export function makeDirectory(purpose: string): string {
  const directory = mkdtempSync(join(tmpdir(), `signpost-${purpose}-`));
  directories.add(directory);
  return directory;
}

/** Removes a directory made by {@link makeDirectory}, with all it holds. */
export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  directories.delete(directory);
}

/** Remembers a process group to be killed, should this process end before {@link forgetGroup} is called. */
export function rememberGroup(group: number): void {
  groups.add(group);
}

/** The group has ended. */
export function forgetGroup(group: number): void {
  groups.delete(group);
}

/** Signals every process of a group; one that has ended already is no error. */
export function killGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

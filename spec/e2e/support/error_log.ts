/** What no test may leave in nginx' error log: Lua that failed, and nginx in distress. */
const NEVER = [
  /attempt to /,
  /stack traceback/,
  /runtime error/,
  /lua entry thread aborted/,
  /\[alert\]/,
  /\[emerg\]/,
  /\[crit\]/,
];

/** What nginx says when a test has killed a worker: that it is gone, and now and then that it held a lock, which is taken back. */
export const WORKER_KILLED = [
  /worker process \d+ exited on signal 9/,
  /shared memory zone "signpost_\w+" was locked by \d+/,
];

/**
 * The lines of an error log that must never be there.
 *
 * @param text a part of an error log
 * @param allowed what a test provokes on purpose
 */
export function luaErrors(text: string, allowed: readonly RegExp[] = []): string[] {
  const isBad = (line: string) => NEVER.some((pattern) => pattern.test(line));
  const isAllowed = (line: string) => allowed.some((pattern) => pattern.test(line));
  return text.split("\n").filter((line) => isBad(line) && !isAllowed(line));
}

/** The last lines of an error log, for a failed test's report. */
export function tail(text: string, lines = 30): string {
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}

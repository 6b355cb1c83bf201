import { Log, RunSoon } from "../ports";

/**
 * @returns how to run a task outside any request. A task that raises is logged as an error and ends; one that nginx
 * has no timer for is refused and logged; and none is begun in a worker that is about to exit.
 */
export function backgroundRunner(log: Log): RunSoon {
  return (task) => {
    // A timer set now would leave nginx something to complain of when the worker has ended ("open socket left").
    if (ngx.worker.exiting()) {
      return false;
    }
    const [, err] = ngx.timer.at(0, (premature) => {
      if (premature) {
        return;
      }
      const [done, problem] = pcall(task);
      if (!done) {
        log.error(`background task: ${tostring(problem)}`);
      }
    });
    if (err !== undefined) {
      log.error(`no timer for a background task: ${err}`);
    }
    return err === undefined;
  };
}

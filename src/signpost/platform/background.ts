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
      if (!premature) {
        runSafely(task, log);
      }
    });
    if (err !== undefined) {
      log.error(`no timer for a background task: ${err}`);
    }
    return err === undefined;
  };
}

/** For how long requests have their turn between two pieces of work in the background, seconds. */
const BREATH = 0.001;

/** Lets requests have their turn. Yields. */
export function breathe(): void {
  ngx.sleep(BREATH);
}

/** When a beat has raised, or there was no timer for it, the next comes after this many seconds. */
const RECOVERY_SECONDS = 1;

/**
 * Calls `beat` outside any request, again and again, each time after as many seconds as it returned, until it returns
 * nothing. Each in a timer of its own, so that what nginx has given to one goes back when it ends.
 */
export function repeatInBackground(beat: (this: void) => number | undefined, log: Log): void {
  const again = (delaySeconds: number) => {
    const [, err] = ngx.timer.at(delaySeconds, run);
    if (err !== undefined && !ngx.worker.exiting()) {
      log.error(`no timer for the background: ${err}`);
    }
  };
  const run = () => {
    let next: number | undefined = RECOVERY_SECONDS;
    runSafely(() => {
      next = beat();
    }, log);
    if (next !== undefined) {
      again(next);
    }
  };
  again(0);
}

/**
 * Runs both at once, as light threads, until one returns; the other is ended where it waits. Raises what
 * that one raises. Yields.
 */
export function race(one: (this: void) => void, other: (this: void) => void): void {
  const first = ngx.thread.spawn(one);
  const second = ngx.thread.spawn(other);
  const [ended, problem] = ngx.thread.wait(first, second);
  ngx.thread.kill(first); // dropped: it fails for the one that has ended
  ngx.thread.kill(second); // dropped: it fails for the one that has ended
  if (!ended) {
    error(tostring(problem), 0);
  }
}

function runSafely(task: (this: void) => void, log: Log): void {
  const [done, problem] = pcall(task);
  if (!done) {
    log.error(`background task: ${tostring(problem)}`);
  }
}

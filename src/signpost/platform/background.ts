import { RunSoon } from "../ports";
import { log } from "./log";

/** A task that has been accepted and has not begun. */
interface Pending {
  readonly task: (this: void) => void;
  /** Rounds of the watchdog that it may still wait for its timer. Not a time, because the clock may be set. */
  rounds: number;
}

/**
 * The tasks that this worker has accepted and not begun. nginx drops a timer that expires while lua_max_running_timers
 * timers run, those of Signpost and of other modules together. So a timer is only a request to begin, which is
 * repeated until the task begins.
 *
 * Invariant: a task is in this set from when it is accepted until it begins, and only tasks of this set are begun. So
 * each begins once, however many timers were set for it.
 */
const pending = new LuaSet<Pending>();

/** From one round of the watchdog to the next, seconds. */
const ROUND_SECONDS = 1;

/** Every second, sets another timer for tasks that should have begun a second ago. Call it once in each worker. */
export function watchTimers(): void {
  // This timer never stops: nginx sets its next turn before it looks whether there is room for this one.
  const [, err] = ngx.timer.every(ROUND_SECONDS, () => {
    if (ngx.worker.exiting()) {
      return;
    }
    for (const waiting of pending) {
      waiting.rounds -= 1;
      if (waiting.rounds < 0) {
        setTimer(waiting, 0); // dropped: the next round asks again
      }
    }
  });
  if (err !== undefined) {
    log.error(`no timer to watch the others: ${err}`);
  }
}

/**
 * Runs a task outside any request. A task that raises ends, and the error is logged. A task that nginx has no timer
 * for is refused, and that is logged. A worker that is about to exit begins no task.
 */
export const runSoon: RunSoon = (task) => {
  // A timer set now would make nginx log "open socket left" when the worker ends.
  if (ngx.worker.exiting()) {
    return false;
  }
  const waiting = pendingIn(0, () => {
    if (!ngx.worker.exiting()) {
      runSafely(task);
    }
  });
  const isAccepted = setTimer(waiting, 0);
  if (!isAccepted) {
    pending.delete(waiting);
  }
  return isAccepted;
};

/** How long requests have their turn between two pieces of background work, seconds. */
const BREATH = 0.001;

/** Lets requests have their turn. Yields. */
export function breathe(): void {
  ngx.sleep(BREATH);
}

/** Seconds from a call that raised to the next one. */
const RECOVERY_SECONDS = 1;

/**
 * Calls `task` outside any request, again and again. Each call returns how many seconds later the next one follows; a
 * call that returns nothing is the last. A worker that is about to exit makes the next call at once. Each call has a
 * timer of its own, so that nginx frees what a call has used when that call ends.
 */
export function repeatInBackground(task: (this: void) => number | undefined): void {
  const again = (delaySeconds: number) => {
    setTimer(pendingIn(delaySeconds, run), delaySeconds); // dropped: the watchdog asks again
  };
  const run = () => {
    let next: number | undefined = RECOVERY_SECONDS;
    runSafely(() => {
      next = task();
    });
    if (next !== undefined) {
      again(next);
    }
  };
  again(0);
}

/**
 * Runs both at once, as light threads, until one returns. The other is killed where it waits. Raises the error of the
 * first to end, if it has raised one. Yields.
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

/** Runs a task for at most `seconds`, and then kills it where it waits. Raises what the task raises. Yields. */
export function runWithin(seconds: number, task: (this: void) => void): void {
  race(task, () => {
    ngx.sleep(seconds);
  });
}

function pendingIn(delaySeconds: number, task: (this: void) => void): Pending {
  const waiting = { task, rounds: math.ceil(delaySeconds / ROUND_SECONDS) + 1 };
  pending.add(waiting);
  return waiting;
}

/** @returns whether nginx has set a timer. In a worker that is about to exit, a failure is not logged. */
function setTimer(waiting: Pending, delaySeconds: number): boolean {
  const [, err] = ngx.timer.at(delaySeconds, () => {
    begin(waiting);
  });
  if (err !== undefined && !ngx.worker.exiting()) {
    log.error(`no timer for a background task: ${err}`);
  }
  return err === undefined;
}

function begin(waiting: Pending): void {
  if (pending.has(waiting)) {
    pending.delete(waiting);
    waiting.task();
  }
}

function runSafely(task: (this: void) => void): void {
  const [done, problem] = pcall(task);
  if (!done) {
    log.error(`background task: ${tostring(problem)}`);
  }
}

import { RunSoon } from "../ports";
import { log } from "./log";

/** A task that has been accepted and has not begun. */
interface Pending {
  readonly task: (this: void) => void;
  /** So many more rounds of the watchdog it may wait for its timer. Not a time: the clock may be set. */
  rounds: number;
}

/**
 * What this worker has accepted and not begun. nginx forgets a timer whose time comes while lua_max_running_timers run,
 * whoever's they are; so a timer is only a request to begin, to be made again until it is heard.
 *
 * Invariant: a task is in here from when it is accepted until it begins, and only what is in here is begun: each begins
 * once, however many timers were set for it.
 */
const pending = new LuaSet<Pending>();

/** From one round of the watchdog to the next, seconds. */
const ROUND_SECONDS = 1;

/** Asks again, each second, for what should have begun a second ago. To be called once in each worker. */
export function watchTimers(): void {
  // This one goes on for ever: nginx sets its next turn before it finds that there is no room for this one.
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
 * Runs a task outside any request. A task that raises is logged as an error and ends; one that nginx has no timer for is
 * refused and logged; and none is begun in a worker that is about to exit.
 */
export const runSoon: RunSoon = (task) => {
  // A timer set now would leave nginx something to complain of when the worker has ended ("open socket left").
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

/** For how long requests have their turn between two pieces of work in the background, seconds. */
const BREATH = 0.001;

/** Lets requests have their turn. Yields. */
export function breathe(): void {
  ngx.sleep(BREATH);
}

/** When a beat has raised, the next comes after this many seconds. */
const RECOVERY_SECONDS = 1;

/**
 * Calls `beat` outside any request, again and again, each time after as many seconds as it returned, until it returns
 * nothing; sooner when the worker is about to exit. Each in a timer of its own, so that what nginx has given to one
 * goes back when it ends.
 */
export function repeatInBackground(beat: (this: void) => number | undefined): void {
  const again = (delaySeconds: number) => {
    setTimer(pendingIn(delaySeconds, run), delaySeconds); // dropped: the watchdog asks again
  };
  const run = () => {
    let next: number | undefined = RECOVERY_SECONDS;
    runSafely(() => {
      next = beat();
    });
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

/** Runs a task for so many seconds at most: after them it is ended where it waits. Raises what it raises. Yields. */
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

/** @returns whether nginx has set a timer. A worker that is about to exit needs none, and says nothing. */
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

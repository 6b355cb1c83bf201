import { RefreshSoon } from "../cache/refresh";
import { Log, OpenTracking, Tracking } from "../ports";
import { Lease } from "../state/lease";
import { Backoff } from "./backoff";
import { listen, ListenParts, TICK_SECONDS } from "./listen";
import { PushedNames, pushedNames, PushedNamesParts } from "./pushed_names";
import { TrackedEpoch, trackedEpoch } from "./tracked_epoch";

/** The parts that `watcher` needs. */
export interface WatcherParts extends PushedNamesParts, ListenParts {
  readonly open: OpenTracking;
  readonly lease: Lease;
  readonly backoff: Backoff;
  readonly log: Log;
  /** @returns a function that re-reads names soon. It calls `failed` if it does not succeed. */
  readonly newReread: (this: void, failed: (this: void) => void) => RefreshSoon;
  readonly isExiting: (this: void) => boolean;
}

/** State that a worker's watcher keeps between two calls. */
interface Watch {
  readonly parts: WatcherParts;
  readonly epoch: TrackedEpoch;
  readonly pushed: PushedNames;
  /** The earliest time of the next try to connect, seconds since 1970. */
  nextTryAt: number;
  lastTickAt: number;
  /** The last problem that was logged, unless all has been well since. */
  lastProblem: string | undefined;
}

/** The most that a worker's time falls behind an earlier value unless the clock is set back, seconds. */
const CLOCK_LAG_SECONDS = 1;

/** Seconds until tracking is tried again after Redis has refused it. */
const REFUSED_PAUSE_SECONDS = 60;

/** The log subject of the watcher's messages. */
const SUBJECT = "watching Redis";

/**
 * Keeps the node's knowledge in step with Redis. One worker of the node, which holds the lease, has a connection on
 * which Redis says which keys have changed.
 *
 * @returns a periodic task. It returns the seconds until its next call, or nothing if the worker is exiting. It does
 * not return while it holds the connection, which may be for days.
 */
export function watcher(parts: WatcherParts): (this: void) => number | undefined {
  const epoch = trackedEpoch(parts.nodeState.epochs, parts.changed);
  const pushed = pushedNames(parts, parts.newReread(epoch.restart));
  const watch: Watch = { parts, epoch, pushed, nextTryAt: 0, lastTickAt: 0, lastProblem: undefined };
  const { lease, now, isExiting } = parts;

  return () => {
    if (!isExiting()) {
      tick(watch);
      if (lease.claim() && now() >= watch.nextTryAt) watchOnce(watch);
    }
    if (!isExiting()) return TICK_SECONDS;
    // Release the lease here: an exiting worker gets no further call.
    lease.release();
    return undefined;
  };
}

/** Marks the state's entries as recently used, and notices when the clock was set back. */
function tick(watch: Watch): void {
  const { now, nodeState } = watch.parts;
  const time = now();
  if (time < watch.lastTickAt - CLOCK_LAG_SECONDS) {
    // The next try must not wait until the clock reaches the earlier time again.
    watch.nextTryAt = time;
    nodeState.changeClock.move();
  }
  watch.lastTickAt = time;
  nodeState.touch();
}

/** Opens a connection, and watches until it breaks or this worker must give it up. */
function watchOnce(watch: Watch): void {
  const { open, lease, backoff, now } = watch.parts;
  const [tracking, err, detail] = open();
  if (err !== undefined) {
    endAbandonedEpoch(watch.parts);
    watch.nextTryAt = now() + (err === "not_tracked" ? REFUSED_PAUSE_SECONDS : backoff.next());
    complain(watch, `${err}: ${detail}; without pushes, routes are refreshed every cache_ttl`);
    return;
  }
  // Opening may have taken longer than the lease lasts. After a reload, the old worker stops watching only after this
  // call.
  if (!lease.hold()) {
    tracking.close();
    return;
  }
  const openedAt = now();
  const problem = watchOn(watch, tracking);
  if (problem !== undefined) {
    // Only a connection that lasted resets the backoff. One that always breaks at once must not be opened again at
    // once.
    if (now() - openedAt > watch.parts.timeout) backoff.reset();
    watch.nextTryAt = now() + backoff.next();
    complain(watch, `redis_down: the tracking connection was lost: ${problem}; it is made again`);
  }
}

/** Runs an epoch of tracking. @returns why the connection was lost; nothing if this worker had to give it up */
function watchOn(watch: Watch, tracking: Tracking): string | undefined {
  const { parts, epoch, pushed } = watch;
  epoch.begin();
  if (watch.lastProblem !== undefined) {
    watch.lastProblem = undefined;
    parts.log.warn("changes are pushed again", SUBJECT);
  }
  const problem = listen(tracking, parts, {
    pushed,
    epoch,
    goesOn: () => {
      if (!parts.lease.hold() || parts.isExiting()) return false;
      tick(watch);
      return true;
    },
  });
  tracking.close();
  // Handle the names put off now: without pushes, an old record would serve for `cache_ttl`.
  pushed.handlePutOff();
  epoch.finish();
  return problem;
}

/**
 * Ends an epoch that no worker tracks any longer. The last watcher has died without ending it, or it watches with the
 * settings from before a reload.
 */
function endAbandonedEpoch(parts: WatcherParts): void {
  const { epochs } = parts.nodeState;
  const abandoned = parts.lease.hold() ? epochs.current() : 0;
  if (abandoned !== 0) epochs.finish(abandoned);
}

function complain(watch: Watch, problem: string): void {
  if (problem !== watch.lastProblem) {
    watch.lastProblem = problem;
    watch.parts.log.warn(problem, SUBJECT);
  }
}

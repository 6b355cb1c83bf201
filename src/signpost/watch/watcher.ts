import { RefreshSoon } from "../cache/refresh";
import { Log, OpenTracking, Tracking } from "../ports";
import { Lease } from "../state/lease";
import { Backoff } from "./backoff";
import { listen, ListenParts, TICK_SECONDS } from "./listen";
import { PushedNames, pushedNames, PushedNamesParts } from "./pushed_names";
import { TrackedEpoch, trackedEpoch } from "./tracked_epoch";

/** What watching Redis takes. */
export interface WatcherParts extends PushedNamesParts, ListenParts {
  readonly open: OpenTracking;
  readonly lease: Lease;
  readonly backoff: Backoff;
  readonly log: Log;
  /** @returns how to have names read again soon; `failed` is called when that did not succeed. */
  readonly newReread: (this: void, failed: (this: void) => void) => RefreshSoon;
  readonly isExiting: (this: void) => boolean;
}

/** What a worker's watcher knows between two calls. */
interface Watch {
  readonly parts: WatcherParts;
  readonly epoch: TrackedEpoch;
  readonly pushed: PushedNames;
  /** No connection is tried before, seconds since 1970. */
  nextTryAt: number;
  lastTickAt: number;
  /** What was complained of last, unless all has been well since. */
  lastProblem: string | undefined;
}

/** Unless the clock is set back, a worker's time never falls behind what it was by more than this, seconds. */
const CLOCK_LAG_SECONDS = 1;

/** How long until tracking is tried again where Redis has refused it, seconds. */
const REFUSED_PAUSE_SECONDS = 60;

/** What the watcher's lines in the log are about. */
const SUBJECT = "watching Redis";

/**
 * Keeps the node's knowledge in step with Redis: one worker of the node, which holds the lease, has a connection on which
 * Redis says which keys have changed.
 *
 * @returns a periodic task. It returns how many seconds later it must be called again, or nothing if the worker is
 * exiting. While it holds the connection it does not return, which may be for days.
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
    // Here, because there is no further call in a worker that exits.
    lease.release();
    return undefined;
  };
}

/** Keeps the state's entries in use, and notices when the clock was set back. */
function tick(watch: Watch): void {
  const { now, nodeState } = watch.parts;
  const time = now();
  if (time < watch.lastTickAt - CLOCK_LAG_SECONDS) {
    // What was to happen at a later time must not wait until the clock has come there again.
    watch.nextTryAt = time;
    nodeState.changeClock.move();
  }
  watch.lastTickAt = time;
  nodeState.touch();
}

/** Opens a connection, and watches until it breaks or this worker must let it go. */
function watchOnce(watch: Watch): void {
  const { open, lease, backoff, now } = watch.parts;
  const [tracking, err, detail] = open();
  if (err !== undefined) {
    endAbandonedEpoch(watch.parts);
    watch.nextTryAt = now() + (err === "not_tracked" ? REFUSED_PAUSE_SECONDS : backoff.next());
    complain(watch, `${err}: ${detail}; without pushes, routes are refreshed every cache_ttl`);
    return;
  }
  // Opening may have taken longer than the lease lasts. After a reload, the old worker stops watching only now.
  if (!lease.hold()) {
    tracking.close();
    return;
  }
  const openedAt = now();
  const problem = watchOn(watch, tracking);
  if (problem !== undefined) {
    // A connection that lasted was a good one. One that breaks at once must not be made again at once for ever.
    if (now() - openedAt > watch.parts.timeout) backoff.reset();
    watch.nextTryAt = now() + backoff.next();
    complain(watch, `redis_down: the tracking connection was lost: ${problem}; it is made again`);
  }
}

/** Runs an epoch of tracking. @returns why the connection was lost; nothing if this worker had to let it go */
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
  // Without pushes, an old record would serve for cache_ttl.
  pushed.handlePutOff();
  epoch.finish();
  return problem;
}

/**
 * Ends an epoch that nobody tracks any longer: the last watcher has died without a word, or watches with the settings from
 * before a reload.
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

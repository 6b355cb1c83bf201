import { NodeState } from "../state/node_state";
import { RefreshSoon } from "../cache/refresh";
import { Keys } from "../redis/keys";
import { Clock, Log, OpenTracking, RunSoon, Tracking } from "../ports";
import { Backoff } from "./backoff";
import { Lease } from "../state/lease";
import { newPace } from "./pace";
import { pushParser } from "./push_parser";

/** What watching Redis takes. */
export interface WatcherParts {
  readonly open: OpenTracking;
  readonly lease: Lease;
  readonly backoff: Backoff;
  readonly nodeState: NodeState;
  readonly log: Log;
  readonly now: Clock;
  /** Whether the node holds something under this name. */
  readonly holds: (this: void, name: string) => boolean;
  /** @returns how to have names read again soon; `failed` is called when that did not succeed. */
  readonly newReread: (this: void, failed: (this: void) => void) => RefreshSoon;
  readonly runSoon: RunSoon;
  /** Lets the worker's requests go on for so many seconds. Yields. */
  readonly pause: (this: void, seconds: number) => void;
  /** Lets requests have their turn between two pieces of work. Yields. */
  readonly breathe: (this: void) => void;
  /** Runs both at once until one returns, and ends the other. Yields. */
  readonly race: (this: void, one: (this: void) => void, other: (this: void) => void) => void;
  readonly isExiting: (this: void) => boolean;
  /** Told that something in Redis has changed, or may have. */
  readonly changed: (this: void) => void;
  readonly keys: Keys;
  /** How long the connection may be silent before it is taken for dead, seconds. */
  readonly timeout: number;
}

/** How often the watcher looks at its lease and at the time, seconds. */
const BEAT = 0.2;

/** A worker's time is never behind what it was by more than this, seconds, unless the clock was set back. */
const CLOCK_LAG = 1;

/** How long until tracking is tried again where Redis has refused it, seconds. */
const REFUSED_PAUSE = 60;

/**
 * With so many names that wait to be read again, no more pushes are read: Redis keeps them meanwhile. A hundred thousand at
 * once would make Lua's table of strings so large that to grow and shrink it takes tens of milliseconds.
 */
const MOST_WAITING = 2000;

/** How often it is seen to whether the time of changes that were put off has come, seconds. */
const PUT_OFF_LOOK = 0.005;

/** What its lines in the log are about. */
const SUBJECT = "watching Redis";

const NO_NAMES: readonly string[] = [];

/**
 * Keeps the node's knowledge in step with Redis: in one of its workers, over one connection on which Redis says which
 * keys have changed.
 *
 * A key that is rewritten all the time must not keep the node busy. The first push of a name is handled at once; one that
 * comes within 20 ms of the last is put off for the rest of them, and pushes that come meanwhile are one with it. A push
 * that is handled late is as good as one that Redis sent late: until then the old record serves, whose ticket has not
 * moved; then the ticket moves, which refuses whatever was asked for before, and the name is read again. So the last
 * value always arrives, and `sharedLevel`'s invariant, which holds however late a push comes, holds as before.
 *
 * @returns the watcher's beat: to be called again and again, each time after as many seconds as it returns, until it
 * returns nothing because the worker is exiting. It holds the connection while it runs, and so may run for days.
 */
export function watcher(parts: WatcherParts): (this: void) => number | undefined {
  const { lease, nodeState, log, now, backoff } = parts;
  let nextTryAt = 0;
  let lastBeatAt = 0;
  /** The epoch of the tracking under way; 0 for none. */
  let epoch = 0;
  let lastProblem: string | undefined;
  const reread = parts.newReread(missed);
  const pace = newPace(now);
  /** Whether a task is under way that handles what was put off. */
  let isCatchingUp = false;
  return beat;

  function beat(): number | undefined {
    if (!parts.isExiting()) {
      noteTime();
      nodeState.touch();
      if (lease.claim() && now() >= nextTryAt) {
        watchOnce();
      }
    }
    if (!parts.isExiting()) return BEAT;
    // Here, for there is no further call in a worker that exits.
    lease.release();
    return undefined;
  }

  /** When the clock was set back, nothing that was to happen at a later time must wait until it has come there again. */
  function noteTime(): void {
    const time = now();
    if (time < lastBeatAt - CLOCK_LAG) {
      nextTryAt = time;
      nodeState.changeClock.move();
    }
    lastBeatAt = time;
  }

  function watchOnce(): void {
    const [tracking, err, detail] = parts.open();
    if (err !== undefined) {
      endAbandonedEpoch();
      nextTryAt = now() + (err === "not_tracked" ? REFUSED_PAUSE : backoff.next());
      complain(`${err}: ${detail}; without pushes, routes are refreshed every cache_ttl`);
      return;
    }
    // Opening may have taken longer than the lease lasts. After a reload, the old worker stops watching only now.
    if (!lease.hold()) {
      tracking.close();
      return;
    }
    epoch = nodeState.epochs.begin();
    parts.changed();
    if (lastProblem !== undefined) {
      lastProblem = undefined;
      log.warn("changes are pushed again", SUBJECT);
    }
    const opened = now();
    const problem = listen(tracking);
    tracking.close();
    // Without pushes, an old record would serve for cache_ttl.
    handle(pace.all());
    nodeState.epochs.finish(epoch);
    epoch = 0;
    if (problem !== undefined) {
      // A connection that lasted was a good one; one that breaks at once must not be made again at once for ever.
      if (now() - opened > parts.timeout) {
        backoff.reset();
      }
      nextTryAt = now() + backoff.next();
      complain(`redis_down: the tracking connection was lost: ${problem}; it is made again`);
    }
  }

  /** Who watched before has died without a word, or watches with the settings from before a reload. */
  function endAbandonedEpoch(): void {
    const abandoned = lease.hold() ? nodeState.epochs.current() : 0;
    if (abandoned !== 0) nodeState.epochs.finish(abandoned);
  }

  /** @returns why the connection is of no more use; nothing if it is only this worker that has to let it go. */
  function listen(tracking: Tracking): string | undefined {
    const heard = { at: now() };
    let problem: string | undefined;
    parts.race(
      () => {
        problem = hear(tracking, heard);
      },
      () => {
        problem = attend(tracking, heard);
      },
    );
    return problem;
  }

  function hear(tracking: Tracking, heard: { at: number }): string {
    const changed: string[] = [];
    const parser = pushParser({ key: (key) => noteKey(key, changed), everything: missed });
    for (;;) {
      const [bytes, err] = tracking.receive();
      if (err !== undefined) {
        return err;
      }
      heard.at = now();
      const problem = parser.feed(bytes);
      rereadAll(changed);
      if (problem !== undefined) return problem;
      if (!parser.wantsBreath()) continue;
      do {
        parts.breathe();
      } while (reread(NO_NAMES) + pace.waiting() > MOST_WAITING);
      // What came meanwhile was only not listened to.
      heard.at = now();
    }
  }

  function attend(tracking: Tracking, heard: { at: number }): string | undefined {
    let pingedAt = now();
    while (lease.hold() && !parts.isExiting()) {
      noteTime();
      nodeState.touch();
      const time = now();
      // Not later than now: the clock may have been set back.
      heard.at = math.min(heard.at, time);
      pingedAt = math.min(pingedAt, time);
      // Another worker that took itself for the watcher, for a moment, has ended this epoch or begun one of its own.
      if (nodeState.epochs.current() !== epoch) {
        missed();
      }
      if (time - heard.at >= parts.timeout) {
        return `nothing was heard for ${parts.timeout} s`;
      }
      if (time - math.max(heard.at, pingedAt) >= parts.timeout / 3) {
        pingedAt = time;
        tracking.ping();
      }
      parts.pause(BEAT);
    }
    return undefined;
  }

  function noteKey(key: string, changed: string[]): void {
    parts.changed();
    parts.keys.eachName(key, (name) => {
      if (!pace.allows(name)) {
        catchUpSoon();
      } else if (noteName(name, changed)) {
        pace.handled(name);
      }
    });
  }

  function catchUpSoon(): void {
    if (!isCatchingUp) {
      isCatchingUp = parts.runSoon(catchUp);
      // nginx has no timer to spare: rather too often than never.
      if (!isCatchingUp) {
        handle(pace.all());
      }
    }
  }

  function catchUp(): void {
    while (pace.waiting() > 0) {
      parts.pause(PUT_OFF_LOOK);
      handle(pace.due());
    }
    isCatchingUp = false;
  }

  function handle(names: readonly string[]): void {
    const changed: string[] = [];
    for (const name of names) {
      if (noteName(name, changed)) {
        pace.handled(name);
      }
    }
    rereadAll(changed);
  }

  /**
   * See `sharedLevel`, rule 2.
   * @returns whether it has cost more than the look: a read, or that all workers look again
   */
  function noteName(name: string, changed: string[]): boolean {
    let isHeld = true;
    const isAlone = nodeState.alone(name, () => {
      nodeState.tickets.move(name);
      isHeld = parts.holds(name);
    });
    if (!isAlone) {
      nodeState.tickets.move(name);
    }
    if (isHeld) {
      changed.push(name);
    } else if (nodeState.changeClock.mayHaveEvicted()) {
      nodeState.changeClock.move();
    } else {
      return false;
    }
    return true;
  }

  /** Something has changed, and what is not known: all that is known is read again before its next use. */
  function missed(): void {
    if (epoch !== 0) {
      epoch = nodeState.epochs.begin();
      parts.changed();
    }
  }

  function rereadAll(changed: string[]): void {
    if (changed.length > 0) {
      reread(changed);
      for (const i of $range(changed.length, 1, -1)) {
        table.remove(changed, i);
      }
    }
  }

  function complain(problem: string): void {
    if (problem !== lastProblem) {
      lastProblem = problem;
      log.warn(problem, SUBJECT);
    }
  }
}

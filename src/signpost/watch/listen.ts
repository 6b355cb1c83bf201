import { Clock, Tracking } from "../ports";
import { pushParser } from "./push_parser";
import { PushedNames } from "./pushed_names";
import { TrackedEpoch } from "./tracked_epoch";

/** The parts that `listen` needs. */
export interface ListenParts {
  readonly now: Clock;
  /** Sleeps for this many seconds. Yields. */
  readonly pause: (this: void, seconds: number) => void;
  /** Lets the worker serve requests between two pieces of work. Yields. */
  readonly breathe: (this: void) => void;
  /** Runs both functions concurrently until one returns, and then ends the other. Yields. */
  readonly race: (this: void, one: (this: void) => void, other: (this: void) => void) => void;
  /** Called for each key that Redis says has changed. */
  readonly changed: (this: void) => void;
  /** How long the connection may be silent before it counts as dead, seconds. */
  readonly timeout: number;
}

/** Seconds between checks of the lease, the time and the silence of the connection. */
export const TICK_SECONDS = 0.2;

/**
 * While more names than this wait to be read again, no more pushes are read. Redis buffers them meanwhile. With a
 * hundred thousand names at once, Lua's table of strings would grow so large that resizing it takes tens of
 * milliseconds.
 */
const MOST_WAITING = 2000;

/** What receives the changes, and decides how long this worker listens. */
export interface Listener {
  readonly pushed: PushedNames;
  readonly epoch: TrackedEpoch;
  /** Called every {@link TICK_SECONDS}. False: this worker must give up the connection. */
  readonly goesOn: (this: void) => boolean;
}

/** A connection, the time something was last received on it, and the time it was last pinged, seconds since 1970. */
interface Session {
  readonly tracking: Tracking;
  readonly parts: ListenParts;
  readonly listener: Listener;
  heardAt: number;
  pingedAt: number;
}

/**
 * Handles what a tracking connection delivers until it breaks, or until this worker must give it up. Yields.
 * @returns why the connection was lost; nothing if this worker must give it up
 */
export function listen(tracking: Tracking, parts: ListenParts, listener: Listener): string | undefined {
  const time = parts.now();
  const session: Session = { tracking, parts, listener, heardAt: time, pingedAt: time };
  let problem: string | undefined;
  parts.race(
    () => {
      problem = hear(session);
    },
    () => {
      problem = attend(session);
    },
  );
  return problem;
}

/** Reads pushes until the connection breaks. */
function hear(session: Session): string {
  const { tracking, parts, listener } = session;
  const { pushed, epoch } = listener;
  const parser = pushParser({
    key: (key) => {
      parts.changed();
      pushed.note(key);
    },
    everything: epoch.restart,
  });
  for (;;) {
    const [bytes, err] = tracking.receive();
    if (err !== undefined) return err;
    session.heardAt = parts.now();
    const problem = parser.feed(bytes);
    pushed.rereadNoted();
    if (problem !== undefined) return problem;
    if (!parser.wantsBreath()) continue;
    do {
      parts.breathe();
    } while (pushed.waiting() > MOST_WAITING);
    // Nobody listened during the pause, so it does not count as silence.
    session.heardAt = parts.now();
  }
}

/**
 * Checks the lease, the epoch and the silence. @returns why the connection is dead; nothing if this worker must give it
 * up
 */
function attend(session: Session): string | undefined {
  const { parts, listener } = session;
  const { epoch, goesOn } = listener;
  while (goesOn()) {
    // Another worker that briefly acted as the watcher has ended this epoch or begun one of its own.
    if (!epoch.isCurrent()) epoch.restart();
    const problem = checkSilence(session, parts.now());
    if (problem !== undefined) return problem;
    parts.pause(TICK_SECONDS);
  }
  return undefined;
}

/** Sends a PING after a third of the timeout in silence. @returns a problem after the whole timeout */
function checkSilence(session: Session, time: number): string | undefined {
  const { timeout } = session.parts;
  // If the clock was set back, both times lie in the future.
  session.heardAt = math.min(session.heardAt, time);
  session.pingedAt = math.min(session.pingedAt, time);
  if (time - session.heardAt >= timeout) return `nothing was heard for ${timeout} s`;
  if (time - math.max(session.heardAt, session.pingedAt) >= timeout / 3) {
    session.pingedAt = time;
    session.tracking.ping();
  }
  return undefined;
}

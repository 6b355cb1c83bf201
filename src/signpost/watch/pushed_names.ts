import { RefreshSoon } from "../cache/refresh";
import { Keys } from "../redis/keys";
import { Clock, RunSoon } from "../ports";
import { NodeState } from "../state/node_state";
import { newPace } from "./pace";

/** What handling pushes takes. */
export interface PushedNamesParts {
  readonly nodeState: NodeState;
  readonly keys: Keys;
  readonly now: Clock;
  /** Whether the node has a record of this name. */
  readonly holds: (this: void, name: string) => boolean;
  readonly runSoon: RunSoon;
  /** Waits for so many seconds. Yields. */
  readonly pause: (this: void, seconds: number) => void;
}

/**
 * Handles the keys that Redis says have changed. If the node has a record of such a key, it is read again at once.
 *
 * A key that is rewritten all the time must not keep the node busy. The first push of a name is handled at once. A push
 * that comes within 20 ms of the last one is put off until these 20 ms are over, and pushes that come meanwhile are one
 * with it. A push that is handled late is as good as one that Redis sent late: until then, the old record serves, and its
 * ticket has not moved. Then the ticket moves, so that earlier reads are not stored, and the name is read again. So the
 * last value always arrives, and the invariant of `sharedLevel` holds, because it holds however late a push comes.
 * @noSelf
 */
export interface PushedNames {
  /** Handles a key that has changed, except that it is only read again after `rereadNoted`. */
  note(key: string): void;
  /** Has the names that were noted read again soon. */
  rereadNoted(): void;
  /** Handles at once what was put off. */
  handlePutOff(): void;
  /** @returns how many names were put off or wait to be read again. */
  waiting(): number;
}

/** Seconds between looks for changes that were put off and are due. */
const PUT_OFF_LOOK_SECONDS = 0.005;

const NO_NAMES: readonly string[] = [];

/** @param reread has names read again soon */
export function pushedNames(parts: PushedNamesParts, reread: RefreshSoon): PushedNames {
  const pace = newPace(parts.now);
  /** Names that `rereadNoted` has read again. The same table serves for all pushes. */
  const noted: string[] = [];
  /** Whether a task is running that handles what was put off. */
  let isCatchingUp = false;

  return {
    note: (key) => parts.keys.eachName(key, noteOrPutOff),
    rereadNoted: () => {
      if (noted.length === 0) return;
      reread(noted);
      for (const i of $range(noted.length, 1, -1)) table.remove(noted, i);
    },
    handlePutOff: () => handle(pace.all()),
    waiting: () => reread(NO_NAMES) + pace.waiting(),
  };

  function noteOrPutOff(this: void, name: string): void {
    if (pace.allows(name)) {
      handleInto(noted, name);
    } else {
      catchUpSoon();
    }
  }

  function catchUpSoon(): void {
    if (isCatchingUp) return;
    isCatchingUp = parts.runSoon(catchUp);
    // nginx has no timer to spare: handle names too often rather than never.
    if (!isCatchingUp) handle(pace.all());
  }

  function catchUp(): void {
    while (pace.waiting() > 0) {
      parts.pause(PUT_OFF_LOOK_SECONDS);
      handle(pace.due());
    }
    isCatchingUp = false;
  }

  function handle(names: readonly string[]): void {
    const toReread: string[] = [];
    for (const name of names) handleInto(toReread, name);
    if (toReread.length > 0) reread(toReread);
  }

  /** @param toReread gets the name if it must be read again */
  function handleInto(toReread: string[], name: string): void {
    const result = handleName(name, parts);
    if (result === "reread") toReread.push(name);
    if (result !== "nothing") pace.handled(name);
  }
}

/**
 * Moves a name's ticket, so that no earlier read of it is stored: rule 2 of `sharedLevel`.
 *
 * @returns what else it takes. `reread`: the node has a record, which must be read again. `clock_moved`: it may have
 * evicted a record that workers still remember, so all workers look again. `nothing`: no worker knows the name.
 */
function handleName(name: string, parts: PushedNamesParts): "reread" | "clock_moved" | "nothing" {
  const { changeClock, tickets, alone } = parts.nodeState;
  let isHeld = true;
  const ranAlone = alone(name, () => {
    tickets.move(name);
    isHeld = parts.holds(name);
  });
  // The name stays locked: take the record for present.
  if (!ranAlone) tickets.move(name);
  if (isHeld) return "reread";
  if (!changeClock.mayHaveEvicted()) return "nothing";
  changeClock.move();
  return "clock_moved";
}

import { RefreshSoon } from "../cache/refresh";
import { Keys } from "../redis/keys";
import { Clock, RunSoon } from "../ports";
import { NodeState } from "../state/node_state";
import { newPace } from "./pace";

/** The parts that `pushedNames` needs. */
export interface PushedNamesParts {
  readonly nodeState: NodeState;
  readonly keys: Keys;
  readonly now: Clock;
  /** Whether the node has a record of this name. */
  readonly holds: (this: void, name: string) => boolean;
  readonly runSoon: RunSoon;
  /** Sleeps for this many seconds. Yields. */
  readonly pause: (this: void, seconds: number) => void;
}

/**
 * Handles the keys that Redis says have changed. If the node has a record of such a key, the key is re-read
 * immediately.
 *
 * A key that is rewritten all the time must not keep the node busy. The first push of a name is handled at once. A push
 * within 20 ms of the last one is put off until these 20 ms are over, and pushes that arrive meanwhile merge with it. A
 * push that is handled late has the same effect as one that Redis sent late: until then, the old record serves, and its
 * ticket has not moved. Then the ticket moves, so that earlier reads are not stored, and the name is re-read. So the
 * last value always arrives. The invariant of `sharedLevel` holds, because it holds however late a push arrives.
 * @noSelf
 */
export interface PushedNames {
  /** Handles a key that has changed, but leaves the re-read to `rereadNoted`. */
  note(key: string): void;
  /** Re-reads the noted names soon. */
  rereadNoted(): void;
  /** Handles at once all names that were put off. */
  handlePutOff(): void;
  /** @returns how many names were put off or wait to be re-read. */
  waiting(): number;
}

/** Seconds between looks for changes that were put off and are due. */
const PUT_OFF_LOOK_SECONDS = 0.005;

const NO_NAMES: readonly string[] = [];

/** @param reread re-reads names soon, and returns how many names wait */
export function pushedNames(parts: PushedNamesParts, reread: RefreshSoon): PushedNames {
  const pace = newPace(parts.now);
  /** Names for `rereadNoted` to re-read. The same table serves all pushes. */
  const noted: string[] = [];
  /** Whether a task that handles the names put off is running. */
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
    // nginx has no free timer. It is better to handle names too often than never.
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

  /** @param toReread receives the name if it must be re-read */
  function handleInto(toReread: string[], name: string): void {
    const result = handleName(name, parts);
    if (result === "reread") toReread.push(name);
    if (result !== "nothing") pace.handled(name);
  }
}

/**
 * Moves a name's ticket, so that no earlier read of it is stored: rule 2 of `sharedLevel`.
 *
 * @returns what follows. `reread`: the node has a record, which must be re-read. `clock_moved`: the node may have
 * evicted a record that workers still remember, so all workers look again. `nothing`: no worker knows the name.
 */
function handleName(name: string, parts: PushedNamesParts): "reread" | "clock_moved" | "nothing" {
  const { changeClock, tickets, alone } = parts.nodeState;
  let isHeld = true;
  const ranAlone = alone(name, () => {
    tickets.move(name);
    isHeld = parts.holds(name);
  });
  // The name stays locked: assume that the node has a record.
  if (!ranAlone) tickets.move(name);
  if (isHeld) return "reread";
  if (!changeClock.mayHaveEvicted()) return "nothing";
  changeClock.move();
  return "clock_moved";
}

/** The commands that bound how much is read. The Redis users of older installations may lack them. */
export type BoundingCommand = "getrange" | "hlen" | "llen" | "scard" | "memory";

/**
 * Which of these commands Redis has refused to run for this user. Without them Signpost asks for whole values, which
 * only its reader of replies bounds.
 * @noSelf
 */
export interface Rights {
  allows(command: BoundingCommand): boolean;
  /** Notes that Redis has refused it. */
  lacks(command: BoundingCommand): void;
}

/**
 * @param connectionsMade a refused command is tried again on a new connection: the right may have been granted since
 * @param tell says in the log what to grant
 */
export function newRights(connectionsMade: (this: void) => number, tell: (this: void) => void): Rights {
  const lacking = new LuaSet<BoundingCommand>();
  let seenAt = 0;
  return {
    allows: (command) => !lacking.has(command) || connectionsMade() !== seenAt,
    lacks: (command) => {
      if (connectionsMade() !== seenAt) {
        for (const old of lacking) lacking.delete(old);
        seenAt = connectionsMade();
      }
      lacking.add(command);
      tell();
    },
  };
}

/** What to grant, for the log. */
export const MISSING_RIGHTS =
  "the Redis user may not run what bounds the size of values; grant +getrange +hlen +scard +llen +memory|usage. " +
  "Until then whole values are asked for, and those that are too large are cut off";

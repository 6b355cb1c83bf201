/**
 * A time in the flags of an entry that is to end soon. An entry's lifetime is counted by a clock that can be set: back by
 * an hour, and what should have ended in a second is there for an hour. Its stamp then lies in the future.
 */

/** Milliseconds, in 32 bits; 0 stands for no stamp. */
const RANGE = 2 ** 32;

/** Each worker reads the time only now and then. Another's stamp is never ahead by more than this, milliseconds. */
const AHEAD = 1000;

/** @param time seconds since 1970 */
export function stampOf(time: number): number {
  return math.max(1, math.floor(time * 1000) % RANGE);
}

/**
 * Whether the clock was set back since an entry was stamped.
 * @param stamp the entry's flags; none, or 0, for one that was never stamped, such as one of version 0.1.0
 * @param time seconds since 1970
 */
export function isFromFuture(stamp: number | undefined, time: number): boolean {
  if (stamp === undefined || stamp === 0) {
    return false;
  }
  const ahead = (stamp - stampOf(time)) % RANGE;
  return ahead > AHEAD && ahead < RANGE / 2;
}

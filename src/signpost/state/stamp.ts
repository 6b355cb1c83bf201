/**
 * A stamp is a time in the flags of an entry with a short lifetime. The dict counts lifetimes by a clock that can be
 * set. If the clock is set back by an hour, an entry that should end in a second lasts for an hour. Its stamp then
 * lies in the future.
 */

/** Milliseconds, in 32 bits; 0 stands for no stamp. */
const RANGE = 2 ** 32;

/** Milliseconds by which another worker's stamp may be ahead, because each worker reads the time only now and then. */
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

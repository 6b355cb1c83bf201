/**
 * Whether fewer than `seconds` have passed since `since`. A time in the future does not count: the clock was set back
 * meanwhile.
 */
export function isWithin(seconds: number, since: number, time: number): boolean {
  return time >= since && time - since < seconds;
}

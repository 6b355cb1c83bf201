import { numberText } from "../text/numbers";
import type { HealthRules, Standing } from "./health";

/**
 * What is remembered of one peer under one set of rules: a text of about 100 bytes, however often the peer has failed.
 * Times are seconds since 1970, and each stands beside the seconds it is good for: see `isWithin`.
 */
export interface StandingRecord {
  isOut: boolean;
  /** Since when the peer rests, and for how long: it is not due before. */
  restedAt: number;
  restSeconds: number;
  /** When a request was given the trial, and for how long it has it. */
  claimedAt: number;
  claimSeconds: number;
  /** How long the peer was out for, last time; when that was noted, and for how long it is remembered. */
  outage: number;
  outageAt: number;
  outageMemory: number;
  /** The window in which failures count. */
  windowSeconds: number;
  /** Which slot of time the latest failure fell into, counted from 1970. */
  newestSlot: number;
  /** The failures in that slot, in the one before, and so on: at most `SLOTS`. */
  failures: number[];
}

/**
 * A window is counted in so many slots, so that what it costs does not depend on how many failures there are. The oldest
 * slot leaves the window as a whole: a failure counts for the window or up to a sixteenth of it less.
 */
const SLOTS = 16;

/** How many numbers there are before the failures. */
const FIXED = 10;

/**
 * By how much workers' clocks may differ: each looks at the time once per turn of its event loop, which may take long.
 * Seconds.
 */
const CLOCK_SKEW = 10;

/** A record of a peer that nothing is known of. */
export function newRecord(): StandingRecord {
  return {
    isOut: false,
    restedAt: 0,
    restSeconds: 0,
    claimedAt: 0,
    claimSeconds: 0,
    outage: 0,
    outageAt: 0,
    outageMemory: 0,
    windowSeconds: 0,
    newestSlot: 0,
    failures: [],
  };
}

export function printRecord(record: StandingRecord): string {
  const numbers = [
    record.isOut ? 1 : 0,
    record.restedAt,
    record.restSeconds,
    record.claimedAt,
    record.claimSeconds,
    record.outage,
    record.outageAt,
    record.outageMemory,
    record.windowSeconds,
    record.newestSlot,
  ];
  for (const count of record.failures) numbers.push(count);
  const words: string[] = [];
  for (const number of numbers) words.push(numberText(number));
  return table.concat(words, " ");
}

/** @param text of `printRecord` */
export function parseRecord(text: string): StandingRecord {
  const numbers: number[] = [];
  for (const [word] of string.gmatch(text, "%S+")) numbers.push(tonumber(word) ?? 0);
  const at = (index: number) => numbers[index] ?? 0;
  const failures: number[] = [];
  for (const index of $range(FIXED, numbers.length - 1)) failures.push(at(index));
  return {
    isOut: at(0) === 1,
    restedAt: at(1),
    restSeconds: at(2),
    claimedAt: at(3),
    claimSeconds: at(4),
    outage: at(5),
    outageAt: at(6),
    outageMemory: at(7),
    windowSeconds: at(8),
    newestSlot: at(9),
    failures,
  };
}

/**
 * Whether `seconds` from `since` on are not over. A beginning in the future is none: the clock was set back meanwhile, and
 * what was to last for seconds must not last for hours.
 */
export function isWithin(since: number, seconds: number, time: number): boolean {
  return time < since + seconds && since <= time + CLOCK_SKEW;
}

/** How a peer stands by its record's text. Reads no more of it than it must: requests ask this of all members. */
export function standingOf(text: string, time: number): Standing {
  const [restedAt, restSeconds, claimedAt, claimSeconds] = string.match(text, "^1 (%S+) (%S+) (%S+) (%S+)");
  if (restedAt === undefined) return "up";
  const isResting = isWithin(tonumber(restedAt) ?? 0, tonumber(restSeconds) ?? 0, time);
  return isResting || isWithin(tonumber(claimedAt) ?? 0, tonumber(claimSeconds) ?? 0, time) ? "out" : "due";
}

/** Whether the record is of a peer that is out, or due. */
export function isOutIn(text: string): boolean {
  return string.sub(text, 1, 1) === "1";
}

/** @returns for how long the peer was out last time, in seconds, if that is still remembered */
export function lastOutage(record: StandingRecord, time: number): number | undefined {
  return isWithin(record.outageAt, record.outageMemory, time) ? record.outage : undefined;
}

/** Notes for how many seconds the peer is out, and that this is to be remembered for so many. */
export function noteOutage(record: StandingRecord, seconds: number, memorySeconds: number, time: number): void {
  record.outage = seconds;
  record.outageAt = time;
  record.outageMemory = memorySeconds;
}

/**
 * Counts a failure.
 * @returns whether with it there were `maxFails` within the window. They are then used up: when the peer is back, it takes
 * as many again.
 */
export function countFailure(record: StandingRecord, rules: HealthRules, time: number): boolean {
  record.windowSeconds = rules.failWindow;
  moveTo(record, math.floor((time * SLOTS) / rules.failWindow));
  const { failures } = record;
  failures[0] = (failures[0] ?? 0) + 1;
  let total = 0;
  for (const count of failures) total += count;
  if (total < rules.maxFails) return false;
  record.failures = [];
  return true;
}

/** Makes `slot` the newest, unless it is older by less than a window: then another worker's clock is ahead. */
function moveTo(record: StandingRecord, slot: number): void {
  const steps = slot - record.newestSlot;
  if (steps <= 0 && steps > -SLOTS) return;
  const moved: number[] = [];
  for (const index of $range(0, SLOTS - 1)) {
    const before = index - steps;
    const count = steps > 0 && before >= 0 ? record.failures[before] : 0;
    moved.push(count ?? 0);
  }
  while (moved.length > 1 && moved[moved.length - 1] === 0) moved.pop();
  record.newestSlot = slot;
  record.failures = moved;
}

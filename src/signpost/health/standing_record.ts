import { numberText } from "../text/numbers";
import type { HealthRules, Standing } from "./health";

/**
 * The health of one peer under one set of rules. It is stored as a text of about 100 bytes, however often the peer has
 * failed. Times are seconds since 1970. Each stands beside the seconds for which it counts: see `isWithin`.
 */
export interface StandingRecord {
  isOut: boolean;
  /** When the peer's rest began, and for how long it lasts. The peer is not due before its end. */
  restedAt: number;
  restSeconds: number;
  /** When a request claimed the trial, and for how long the claim lasts. */
  claimedAt: number;
  claimSeconds: number;
  /** How long the last outage was, when it was noted, and for how long it is remembered. */
  outage: number;
  outageAt: number;
  outageMemory: number;
  /** The window in which failures count. */
  windowSeconds: number;
  /** The time slot of the latest failure, counted from 1970. */
  newestSlot: number;
  /** The number of failures in that slot, in the slot before it, and so on: at most `SLOTS` numbers. */
  failures: number[];
}

/**
 * A window is divided into this many slots, so that its cost does not depend on the number of failures. The oldest slot
 * leaves the window as a whole. So a failure counts for the window, or for up to a sixteenth less.
 */
const SLOTS = 16;

/** How many numbers come before the failures. */
const FIXED = 10;

/**
 * How far the clocks of workers may differ, seconds. Each worker updates its time once per turn of its event loop, and
 * a turn may take long.
 */
const CLOCK_SKEW = 10;

/** Makes the record of a peer about which nothing is known. */
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

/** @param text a result of `printRecord` */
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
 * Whether fewer than `seconds` have passed since `since`. A beginning more than `CLOCK_SKEW` in the future does not
 * count: the clock was set back meanwhile, and what should last for seconds must not last for hours.
 */
export function isWithin(since: number, seconds: number, time: number): boolean {
  return time < since + seconds && since <= time + CLOCK_SKEW;
}

/**
 * How a peer stands, according to its record's text. It parses no more than it must, because requests call it for all
 * members.
 */
export function standingOf(text: string, time: number): Standing {
  const [restedAt, restSeconds, claimedAt, claimSeconds] = string.match(text, "^1 (%S+) (%S+) (%S+) (%S+)");
  if (restedAt === undefined) return "up";
  const isResting = isWithin(tonumber(restedAt) ?? 0, tonumber(restSeconds) ?? 0, time);
  return isResting || isWithin(tonumber(claimedAt) ?? 0, tonumber(claimSeconds) ?? 0, time) ? "out" : "due";
}

/** Whether the record's text is that of a peer that is out or due. */
export function isOutIn(text: string): boolean {
  return string.sub(text, 1, 1) === "1";
}

/** @returns for how long the peer was out last time, in seconds, if that is still remembered */
export function lastOutage(record: StandingRecord, time: number): number | undefined {
  return isWithin(record.outageAt, record.outageMemory, time) ? record.outage : undefined;
}

/** Notes how many seconds an outage takes, and for how many seconds that is remembered. */
export function noteOutage(record: StandingRecord, seconds: number, memorySeconds: number, time: number): void {
  record.outage = seconds;
  record.outageAt = time;
  record.outageMemory = memorySeconds;
}

/**
 * Counts a failure.
 * @returns whether there were now `maxFails` failures within the window. They are then cleared: when the peer is back,
 * it takes as many again.
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

/**
 * Makes `slot` the newest. Does nothing if it is older by less than a window, because another worker's clock is then
 * ahead.
 */
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

import { Clock, Log } from "../ports";
import { isWithin } from "../state/elapsed";

/** How long the lines about a subject are remembered, seconds. */
const WINDOW_SECONDS = 60;

/** How many different lines may be written about one subject within the window. */
const MOST_LINES = 5;

/** How many subjects are told apart. All further ones share one. */
const MOST_SUBJECTS = 1000;

/** The subject that further ones share. */
const OTHERS = "";

/** A log that repeats nothing. */
export interface QuietLog extends Log {
  /** Writes what was left out in windows that are over. Call it every few seconds. */
  flush(this: void): void;
}

type Level = "error" | "warn";

/** What was written about a subject within a window, and what was left out. */
interface Subject {
  /** When the window began, seconds since 1970. */
  since: number;
  lines: number;
  lastWritten: string;
  leftOut: number;
  lastLeftOut: string;
  level: Level;
}

/**
 * Limits how much of a log one problem fills, in each worker. The same line about a subject is written once a minute,
 * and at most five different lines are. The rest is counted: when the minute is over, the last of them is written with
 * the count, so the log's last word on a subject is true. A thousand subjects are told apart. All further ones share
 * one limit.
 */
export function quietLog(log: Log, now: Clock): QuietLog {
  let subjects = new LuaMap<string, Subject>();
  let count = 0;

  return {
    error: (message, about) => {
      note("error", message, about ?? message);
    },
    warn: (message, about) => {
      note("warn", message, about ?? message);
    },
    flush: () => {
      const time = now();
      const left = new LuaMap<string, Subject>();
      count = 0;
      for (const [about, subject] of subjects) {
        if (isOpen(subject, time) || closeWindow(log, subject, time)) {
          left.set(about, subject);
          count += 1;
        }
      }
      subjects = left;
    },
  };

  function note(level: Level, message: string, about: string): void {
    const key = subjects.has(about) || count < MOST_SUBJECTS ? about : OTHERS;
    const known = subjects.get(key);
    const time = now();
    if (known !== undefined && (isOpen(known, time) || closeWindow(log, known, time))) {
      noteFurther(log, known, level, message);
      return;
    }
    if (known === undefined) count += 1;
    subjects.set(key, { since: time, lines: 1, lastWritten: message, leftOut: 0, lastLeftOut: message, level });
    write(log, level, message);
  }
}

/** Writes a further line of the window, or counts it. */
function noteFurther(log: Log, subject: Subject, level: Level, message: string): void {
  if (message !== subject.lastWritten && subject.lines < MOST_LINES) {
    subject.lines += 1;
    subject.lastWritten = message;
    write(log, level, message);
  } else {
    subject.leftOut += 1;
    subject.lastLeftOut = message;
    subject.level = level;
  }
}

/**
 * Ends a subject's window.
 * @returns whether lines were left out in it. The last of them was written then, and begins the next window
 */
function closeWindow(log: Log, subject: Subject, time: number): boolean {
  const { leftOut, lastLeftOut, level } = subject;
  if (leftOut === 0) return false;
  write(log, level, `${lastLeftOut} (the last of ${leftOut} lines like this that were left out)`);
  subject.since = time;
  subject.lines = 1;
  subject.lastWritten = lastLeftOut;
  subject.leftOut = 0;
  return true;
}

function write(log: Log, level: Level, message: string): void {
  if (level === "error") {
    log.error(message);
  } else {
    log.warn(message);
  }
}

function isOpen(subject: Subject, time: number): boolean {
  return isWithin(WINDOW_SECONDS, subject.since, time);
}

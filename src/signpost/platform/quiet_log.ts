import { Clock, Log } from "../ports";

/** For how long what was said of a subject is remembered, seconds. */
const WINDOW = 60;

/** How many different lines may be written of one subject within the window. */
const MOST_LINES = 5;

/** How many subjects are remembered; all others share one. */
const MOST_SUBJECTS = 1000;

const OTHERS = "";

/** A log that repeats nothing. */
export interface QuietLog extends Log {
  /** Writes what was left out until a minute ago; to be called every few seconds. */
  flush(this: void): void;
}

/** What was written of a subject, and what was left out. */
interface Subject {
  /** Seconds since 1970. */
  since: number;
  lines: number;
  said: string;
  leftOut: number;
  last: string;
  level: "error" | "warn";
}

/**
 * Bounds how much of a log the same trouble fills, in each worker. The same line about a subject is written once a minute,
 * and no more than five different ones. What is left out is counted, and the last of it is written with the count when the
 * minute is over: so the log's last word on a subject is true. A thousand subjects are told apart; beyond, lines are
 * limited as a whole.
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
        if (!isOver(subject, time) || closeWindow(subject, time)) {
          left.set(about, subject);
          count += 1;
        }
      }
      subjects = left;
    },
  };

  function note(level: "error" | "warn", message: string, about: string): void {
    const key = subjects.has(about) || count < MOST_SUBJECTS ? about : OTHERS;
    const known = subjects.get(key);
    const time = now();
    if (known === undefined || (isOver(known, time) && !closeWindow(known, time))) {
      if (known === undefined) count += 1;
      subjects.set(key, { since: time, lines: 1, said: message, leftOut: 0, last: message, level });
      write(level, message);
    } else if (message !== known.said && known.lines < MOST_LINES) {
      known.lines += 1;
      known.said = message;
      write(level, message);
    } else {
      known.leftOut += 1;
      known.last = message;
      known.level = level;
    }
  }

  /** @returns whether something was left out in it, which is written and begins another. */
  function closeWindow(subject: Subject, time: number): boolean {
    if (subject.leftOut === 0) {
      return false;
    }
    write(subject.level, `${subject.last} (the last of ${subject.leftOut} lines like this that were left out)`);
    subject.since = time;
    subject.lines = 1;
    subject.said = subject.last;
    subject.leftOut = 0;
    return true;
  }

  function write(level: "error" | "warn", message: string): void {
    if (level === "error") {
      log.error(message);
    } else {
      log.warn(message);
    }
  }
}

/** A time in the future is over, too: the clock was set back. */
function isOver({ since }: Subject, time: number): boolean {
  return time < since || time - since >= WINDOW;
}

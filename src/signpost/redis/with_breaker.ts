import { Log } from "../ports";
import { Count } from "../state/counters";
import { Breaker } from "./breaker";
import { ReadRoutes } from "./read_routes";

/** The subject of its log lines: the log limits how often it repeats a subject. */
const SUBJECT = "reading Redis";

/** What `withBreaker` needs besides its reader. */
export interface BreakerParts {
  readonly breaker: Breaker;
  readonly log: Log;
  readonly count: Count;
}

/**
 * @returns a reader that does not ask Redis while the breaker is open. It counts every failure, and logs each one
 * while the breaker is closed; after that, it logs only that Redis answers again.
 */
export function withBreaker(read: ReadRoutes, parts: BreakerParts): ReadRoutes {
  const { breaker, log, count } = parts;
  return (names) => {
    if (!breaker.allows()) {
      return $multi(undefined, "redis_down", "Redis did not answer lately and is tried again soon");
    }
    count("lookups");
    const [readings, err, detail] = read(names);
    if (err === "busy") {
      count("busy");
      return $multi(undefined, err, detail);
    }
    // Checked after the read: if many reads fail together, only those up to the opening are logged.
    const wasOpen = breaker.isOpen();
    if (err !== undefined) {
      breaker.failed();
      count("lookup_failures");
      if (!wasOpen) {
        log.error(`${err}: ${detail}; known hosts are served as they were`, SUBJECT);
      }
      return $multi(undefined, err, detail);
    }
    breaker.succeeded();
    if (wasOpen) {
      log.warn("Redis answers again", SUBJECT);
    }
    return $multi(readings, undefined);
  };
}

import { Log } from "../ports";
import { Count } from "../state/counters";
import { Breaker } from "./breaker";
import { ReadRoutes } from "./read_routes";

/** What its lines in the log are about. */
const SUBJECT = "reading Redis";

/** What `withBreaker` needs besides its reader. */
export interface BreakerParts {
  readonly breaker: Breaker;
  readonly log: Log;
  readonly count: Count;
}

/**
 * @returns a reader that does not ask Redis while the breaker is open, and whose failures are counted and logged: each
 * while the breaker is closed, then only that Redis answers again.
 */
export function withBreaker(read: ReadRoutes, guards: BreakerParts): ReadRoutes {
  const { breaker, log, count } = guards;
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
    // Asked now, not before the read: of many that fail together, only those that open the breaker are logged.
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

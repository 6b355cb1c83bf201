import type { Choice } from "./choose";
import type { Health } from "../health/health";
import { hasStatus } from "../format/option_values";
import type { Pool } from "./pool";

/** The outcome of one try. */
export interface Outcome {
  /** The backend's, or what nginx gives the try: 502 when a connection cannot be made or breaks, 504 for a timeout. */
  readonly status: number;
  readonly isConnected: boolean;
  /** Whether the status is the backend's. */
  readonly isAnswered: boolean;
}

/** The status of a try that timed out, connecting or waiting for an answer. */
const TIMED_OUT = 504;

/** Reports the outcome of a try to health. A trial must be reported: until then no other request may try the peer. */
export function report(pool: Pool, choice: Choice, outcome: Outcome, health: Health): void {
  const { healthKey } = choice.peer;
  const isBad = isFailure(pool, outcome);
  if (choice.as !== "up" && outcome.isAnswered && !isBad) {
    health.succeeded(healthKey);
  } else if (choice.as === "trial") {
    // Even if it does not count as a failure: without an answer, nothing shows that the peer is well.
    health.trialFailed(healthKey, pool.rules);
  } else if (isBad) {
    health.failed(healthKey, pool.rules);
  }
}

/**
 * Whether a try counts against the peer, by the pool's `fail_on`. A connection that is not made in time is both a
 * failed connection and a timeout. A connection that breaks before an answer is neither: it may be a kept one that a
 * healthy backend has just closed because it was idle.
 */
export function isFailure(pool: Pool, outcome: Outcome): boolean {
  const { connect, timeout, statuses } = pool.options.failOn;
  if (outcome.isAnswered) return hasStatus(statuses, outcome.status);
  const isTimeout = timeout && outcome.status === TIMED_OUT;
  return isTimeout || (connect && !outcome.isConnected);
}

/** Whether the cause may be no more than a kept connection that a healthy peer has closed. */
export function mayBeStale(outcome: Outcome): boolean {
  return outcome.isConnected && !outcome.isAnswered && outcome.status !== TIMED_OUT;
}

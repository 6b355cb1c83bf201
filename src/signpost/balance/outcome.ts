import type { Choice } from "./choose";
import type { Health } from "../health/health";
import { hasStatus } from "../format/option_values";
import type { Pool } from "./pool";

/** What became of one try. */
export interface Outcome {
  /** The backend's, or what nginx gives the try: 502 when a connection cannot be made or breaks, 504 for a timeout. */
  readonly status: number;
  readonly isConnected: boolean;
  /** Whether the status is the backend's. */
  readonly isAnswered: boolean;
}

/** The status of a try that ran out of time, connecting or waiting for an answer. */
const TIMED_OUT = 504;

/** Tells health what became of a try. Must be called for every trial, else nobody else may try the peer for a while. */
export function report(pool: Pool, choice: Choice, outcome: Outcome, health: Health): void {
  const { healthKey } = choice.peer;
  const isBad = isFailure(pool, outcome);
  if (choice.as !== "up" && outcome.isAnswered && !isBad) {
    health.succeeded(healthKey);
  } else if (choice.as === "trial") {
    // Even if it does not count as a failure: without an answer, nothing says that the peer is well.
    health.trialFailed(healthKey, pool.rules);
  } else if (isBad) {
    health.failed(healthKey, pool.rules);
  }
}

/**
 * Whether the try counts against the peer, by the pool's `fail_on`. A connection that cannot be made in time is both a
 * failed connection and a timeout. One that was made and broke before an answer is neither: it may be a kept connection
 * that a healthy backend has just closed for being idle.
 */
export function isFailure(pool: Pool, outcome: Outcome): boolean {
  const { connect, timeout, statuses } = pool.options.failOn;
  if (outcome.isAnswered) return hasStatus(statuses, outcome.status);
  const isTimeout = timeout && outcome.status === TIMED_OUT;
  return isTimeout || (connect && !outcome.isConnected);
}

/** Whether all that may have happened is that a healthy peer has closed a kept connection. */
export function mayBeStale({ isConnected, isAnswered, status }: Outcome): boolean {
  return isConnected && !isAnswered && status !== TIMED_OUT;
}

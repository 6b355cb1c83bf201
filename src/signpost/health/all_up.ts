import type { Health } from "./health";

/** The part of a peer that health needs. */
export interface HealthyPeer {
  /** The key of its health; see `healthKey`. */
  readonly healthKey: string;
}

/**
 * Tells whether all peers of a pool are up, so that a request need not look up any of them. The answer is computed
 * again only after the change clock has moved. Until then it costs one comparison.
 *
 * @returns a function that takes the change clock's value and returns the answer. The caller must read the clock first
 */
export function rememberAllUp(peers: readonly HealthyPeer[], health: Health): (this: void, clock: number) => boolean {
  let askedAt: number | undefined = undefined;
  let areUp = false;
  return (clock) => {
    if (clock !== askedAt) {
      areUp = allUp(peers, health);
      askedAt = clock;
    }
    return areUp;
  };
}

/** A peer that is due does not count as up, because only one request may try it. */
function allUp(peers: readonly HealthyPeer[], health: Health): boolean {
  for (const { healthKey } of peers) {
    if (health.standing(healthKey) !== "up") return false;
  }
  return true;
}

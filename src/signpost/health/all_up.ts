import type { Health } from "./health";

/** A peer, as far as its health is concerned. */
export interface HealthyPeer {
  /** What its health is known by; see `healthKey`. */
  readonly healthKey: string;
}

/**
 * Whether all of a pool's peers are up, so that a request need not ask for any of them. Asked anew only when the change
 * clock has moved: until then, the answer costs a comparison.
 *
 * @returns the answer for the time of the clock, which must have been read before
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

/** A peer that is due is not up: only one request may have it. */
function allUp(peers: readonly HealthyPeer[], health: Health): boolean {
  for (const { healthKey } of peers) {
    if (health.standing(healthKey) !== "up") return false;
  }
  return true;
}

import type { Check } from "./check_schedule";
import type { Health } from "./health";

/**
 * Applies the outcomes of checks to the standings of peers, which requests change too. A check that fails `fall` times
 * in a row takes the peer out. One failure is enough to keep out a peer that is out already. While the check fails, no
 * request is spent on a trial. A check that passes `rise` times in a row brings the peer up, whatever took it out. When
 * checks stop, the peers that they took out are soon due for a trial.
 *
 * An outcome concerns the peer under the check's `id` only. It does not affect pools that do not request this very
 * check.
 * @noSelf
 */
export interface ActiveState {
  /** @returns whether the check was failing until now and no longer is. */
  passed(check: Check): boolean;
  /** @returns whether the check is failing with this outcome, and was not before. */
  failed(check: Check): boolean;
  /** Forgets every other check. */
  keep(checks: readonly Check[]): void;
}

/** The latest outcomes of one check. */
interface Streak {
  failures: number;
  /** Counted only while the peer is out: it takes new successes to be up again. */
  successes: number;
  /** Whether the check has failed often enough, and has not passed often enough since. */
  isFailing: boolean;
}

/**
 * A failed check keeps a peer out for this many intervals plus the check's timeout. The next check ends well before
 * that.
 */
const HELD_INTERVALS = 3;

/** Added to that time so that another worker can take over, seconds. */
const TAKEOVER_SECONDS = 1;

export function activeState(health: Health): ActiveState {
  let streaks = new LuaMap<string, Streak>();

  const streakOf = (check: Check) => {
    const streak = streaks.get(check.id) ?? newStreak();
    streaks.set(check.id, streak);
    return streak;
  };

  return {
    passed: (check) => {
      const streak = streakOf(check);
      const wasFailing = streak.isFailing;
      streak.failures = 0;
      if (health.standing(check.id) === "up") {
        streak.successes = 0;
        streak.isFailing = false;
        return wasFailing;
      }
      streak.successes += 1;
      if (streak.successes < check.rise) return false;
      streak.isFailing = false;
      health.succeeded(check.id);
      return wasFailing;
    },

    failed: (check) => {
      const streak = streakOf(check);
      streak.successes = 0;
      streak.failures += 1;
      const wasFailing = streak.isFailing;
      // One failure keeps out a peer that is out already. So it stays out when another worker takes over the checks and
      // counts from zero.
      if (streak.failures < check.fall && !wasFailing && health.standing(check.id) === "up") return false;
      streak.isFailing = true;
      health.holdOut(check.id, HELD_INTERVALS * check.interval + check.timeout + TAKEOVER_SECONDS);
      return !wasFailing;
    },

    keep: (checks) => {
      const kept = new LuaMap<string, Streak>();
      for (const check of checks) kept.set(check.id, streakOf(check));
      streaks = kept;
    },
  };
}

function newStreak(): Streak {
  return { failures: 0, successes: 0, isFailing: false };
}

import type { Check } from "./check_schedule";
import type { Health } from "./health";

/**
 * What checks make of peers: the same as requests make of them. A check that has failed `fall` times in a row, or once if
 * the peer is out already, keeps it out, and no request is spent on a trial, for as long as it goes on failing; once it has
 * passed `rise` times in a row, the peer is up, whoever took it out. When checks cease, what they took out is soon due for
 * a trial. All this is of the peer as it is known by the check's `id`: pools that do not ask for this very check neither
 * lose nor get it back by it.
 * @noSelf
 */
export interface ActiveState {
  /** @returns whether it has failed until now, and does no longer. */
  passed(check: Check): boolean;
  /** @returns whether with this it has failed often enough, and had not before. */
  failed(check: Check): boolean;
  /** Forgets every other check. */
  keep(checks: readonly Check[]): void;
}

/** What is known of one check. */
interface Streak {
  failures: number;
  /** Only those since the peer was out: to be up again takes news. */
  successes: number;
  /** Whether it has failed often enough, and not passed often enough since. */
  isFailing: boolean;
}

/** For how many intervals, and the time it may take, a failed check keeps a peer out: the next ends well before that. */
const HELD_INTERVALS = 3;

/** And for so long that another worker can take over. */
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
      // Of a peer that is out, one is enough to keep it out: so it stays when another worker checks, and counts anew.
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

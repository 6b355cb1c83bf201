import { SharedDict } from "../ports";

/** When a peer is taken out, and for how long. */
export interface HealthRules {
  /** So many failures take it out; 0: none ever do. */
  readonly maxFails: number;
  /** They count if they all happen within so many seconds, more than 0. */
  readonly failWindow: number;
  /** It is out for so many seconds, more than 0, and for twice as long each further time. */
  readonly failTimeout: number;
}

/** `out`: no request may have it. `due`: it was out for long enough, and one request may try it. */
export type Standing = "up" | "out" | "due";

/**
 * What is known of peers' health, by their names: one knowledge for all pools and workers of the node.
 *
 * The way of a request: while all its pool's peers are up (`rememberAllUp`) there is nothing to ask. Otherwise it may be
 * given those that do not stand `out`, and of the picked one, if it stands `due`, it must win the trial; if it does not,
 * it picks again. Of a peer that is tried although it is out, because no other is left, a success is reported as that of
 * a trial, a failure as that of any request.
 *
 * @noSelf
 */
export interface Health {
  /** Changes nothing. */
  standing(name: string): Standing;
  /**
   * Asks to be the one request, of all workers, that tries a peer that is due. To be followed by `succeeded` or
   * `trialFailed`; a trial that is never reported frees itself after as long as the peer was out.
   * @returns false: another request has it
   */
  claimTrial(name: string, rules: HealthRules): boolean;
  /** A request that was not a trial failed. What was under way when the peer was taken out no longer counts. */
  failed(name: string, rules: HealthRules): void;
  /** The trial came to nothing: the request never reached the peer. Another may try it. */
  trialUnused(name: string): void;
  /** The peer stays out, twice as long. */
  trialFailed(name: string, rules: HealthRules): void;
  /** A trial succeeded, or enough checks: the peer is up. Other successes need not be reported. */
  succeeded(name: string): void;
  /** Takes the peer out, or keeps it out, for so many seconds (more than 0) from now: what failed checks do. */
  holdOut(name: string, seconds: number): void;
}

/** No peer is out for longer than so many times its `failTimeout`. */
const LONGEST = 16;

/** How long an outage is remembered of a peer that nobody tries, seconds. */
const MEMORY = 600;

/** After so many seconds without news an outage is forgotten: the peer may have left, and its entry with it. */
const LONGEST_OUT = 86_400;

/**
 * @param state entries about the peer NAME:
 *   - `out:NAME`: it is not up. For a day at most since it was last found so, for it may be gone for good.
 *   - `rest:NAME`: until this expires, it is not due.
 *   - `trial:NAME`: until this expires, one request has its trial.
 *   - `outage:NAME`: how many seconds it was out for, last time. Once the peer is up, for as long again.
 *   - `fails:NAME`: how many failures there were; `fail:NAME:N`: the Nth is still within its window.
 *
 * Time is the dict's: what is to end is an entry with a lifetime.
 * @param changed moves the change clock: a peer has gone out or come back
 */
export function newHealth(state: SharedDict, changed: (this: void) => void): Health {
  const has = (key: string) => {
    const [value] = state.get(key);
    return value !== undefined;
  };
  const outageOf = (name: string) => {
    const [seconds] = state.get(`outage:${name}`);
    return seconds as number | undefined;
  };
  const put = (key: string, value: number, seconds: number) => {
    state.set(key, value, seconds); // dropped: a number in a full dict takes the room of what is used least
  };

  const nextOutage = (name: string, rules: HealthRules) => {
    const last = outageOf(name);
    if (last === undefined) return rules.failTimeout;
    return math.max(rules.failTimeout, math.min(2 * last, LONGEST * rules.failTimeout));
  };

  /** @returns false: it was out before */
  const takeOut = (name: string) => {
    const [taken] = state.add(`out:${name}`, 1, LONGEST_OUT);
    if (taken) changed();
    return taken;
  };

  const countFailure = (name: string, rules: HealthRules) => {
    if (rules.maxFails === 0 || !isLastStraw(state, name, rules)) return;
    const seconds = nextOutage(name, rules);
    // Before it is out, so that it is not due at once. And added, so that when two workers come here together, the second,
    // who may have read the outage that the first wrote, does not make it longer.
    state.add(`rest:${name}`, 1, seconds); // dropped: it is there in any case
    if (takeOut(name)) put(`outage:${name}`, seconds, seconds + MEMORY);
  };

  return {
    standing: (name) => {
      if (!has(`out:${name}`)) return "up";
      return has(`rest:${name}`) || has(`trial:${name}`) ? "out" : "due";
    },

    claimTrial: (name, rules) => {
      const [claimed, err] = state.add(`trial:${name}`, 1, outageOf(name) ?? rules.failTimeout);
      // A dict without room for the claim: rather two trials than none.
      return claimed || err !== "exists";
    },

    trialUnused: (name) => {
      state.delete(`trial:${name}`);
    },

    failed: (name, rules) => {
      if (!has(`out:${name}`)) countFailure(name, rules);
    },

    trialFailed: (name, rules) => {
      // Up: this trial took so long that another came in between, and succeeded.
      if (!has(`out:${name}`)) {
        countFailure(name, rules);
        return;
      }
      const seconds = nextOutage(name, rules);
      put(`out:${name}`, 1, LONGEST_OUT);
      put(`rest:${name}`, 1, seconds);
      put(`outage:${name}`, seconds, seconds + MEMORY);
    },

    succeeded: (name) => {
      if (!has(`out:${name}`)) return;
      const seconds = outageOf(name);
      if (seconds !== undefined) put(`outage:${name}`, seconds, seconds);
      state.delete(`rest:${name}`);
      state.delete(`out:${name}`);
      changed();
    },

    holdOut: (name, seconds) => {
      put(`rest:${name}`, 1, seconds);
      if (!takeOut(name)) put(`out:${name}`, 1, LONGEST_OUT);
    },
  };
}

/**
 * Notes a failure.
 * @returns whether with it there were `maxFails` within the window. They are then used up: when the peer is back, it takes
 * as many again.
 */
function isLastStraw(state: SharedDict, name: string, rules: HealthRules): boolean {
  const [counted] = state.incr(`fails:${name}`, 1, 0, MEMORY + rules.failWindow);
  const number = counted ?? 1;
  state.set(`fail:${name}:${number}`, 1, rules.failWindow); // dropped: at worst a failure is forgotten
  const first = number - rules.maxFails + 1;
  const [isWithinWindow] = state.get(`fail:${name}:${first}`);
  if (isWithinWindow === undefined) return false;
  for (const used of $range(first, number)) state.delete(`fail:${name}:${used}`);
  return true;
}

import { Redis, RedisCommand, Reply } from "../ports";
import { Result } from "../result";

/** Why there are no replies. */
export type Unread = "redis_down" | "busy";

/** What a step returns for its replies: the result, or the next step towards it. */
export type NextStep<T> = Result<T | Step<T>, "redis_down">;

/** One round of questions to Redis on the way to one result. */
export interface Step<T> {
  readonly kind: "step";
  readonly commands: readonly RedisCommand[];
  /** @param replies to each command, in their order; nothing for the commands after an oversized reply */
  readonly next: (this: void, replies: Answer) => NextStep<T>;
}

type Answer = readonly (Reply | undefined)[];

/** @returns a step. */
export function step<T>(commands: readonly RedisCommand[], next: Step<T>["next"]): Step<T> {
  return { kind: "step", commands, next };
}

/**
 * Works towards several results side by side: the first steps of all go in one round trip, then the second steps.
 *
 * @param states results, and steps towards the missing ones; changed in place
 * @returns the results, in the order of the states
 */
export function takeSteps<T extends { readonly kind: string }>(
  redis: Redis,
  states: (T | Step<T>)[],
): Result<readonly T[], Unread> {
  for (;;) {
    const steps: Step<T>[] = [];
    for (const state of states) if (isStep(state)) steps.push(state);
    if (steps.length === 0) return $multi(states as T[], undefined);
    const [answers, err, detail] = askAll(redis, steps);
    if (err !== undefined) return $multi(undefined, err, detail);
    const [, failure, reason] = advance(states, answers);
    if (failure !== undefined) return $multi(undefined, failure, reason);
  }
}

function isStep<T extends { readonly kind: string }>(state: T | Step<T>): state is Step<T> {
  return state.kind === "step";
}

/** @param answers to each step, in their order */
function advance<T extends { readonly kind: string }>(
  states: (T | Step<T>)[],
  answers: readonly Answer[],
): Result<true, "redis_down"> {
  let taken = 0;
  for (const i of $range(0, states.length - 1)) {
    const state = states[i] as T | Step<T>;
    if (isStep(state)) {
      const [next, err, detail] = state.next(answers[taken] ?? []);
      if (err !== undefined) return $multi(undefined, err, detail);
      states[i] = next;
      taken += 1;
    }
  }
  return $multi(true, undefined);
}

/**
 * Asks the questions of all steps in one round trip. After a reply that is too large, the rest is asked again. So is
 * the step that it belongs to, unless that step came first: its replies alone may be small enough.
 */
function askAll<T>(redis: Redis, steps: readonly Step<T>[]): Result<readonly Answer[], Unread> {
  const answers: Answer[] = [];
  while (answers.length < steps.length) {
    const commands: RedisCommand[] = [];
    for (const i of $range(answers.length, steps.length - 1)) {
      for (const command of (steps[i] as Step<T>).commands) commands.push(command);
    }
    const [replies, err, detail] = redis.ask(commands);
    if (err !== undefined) return $multi(undefined, err, detail);
    if (replies.length < commands.length && replies[replies.length - 1]?.kind !== "oversized") {
      return $multi(undefined, "redis_down", `${replies.length} replies to ${commands.length} commands`);
    }
    share(steps, replies, answers);
  }
  return $multi(answers, undefined);
}

/** Adds the answers of all steps that have all their replies, and of the first step in any case. */
function share<T>(steps: readonly Step<T>[], replies: readonly Reply[], answers: Answer[]): void {
  const first = answers.length;
  let taken = 0;
  for (const i of $range(first, steps.length - 1)) {
    const end = taken + (steps[i] as Step<T>).commands.length;
    const isCut = end > replies.length || replies[end - 1]?.kind === "oversized";
    if (isCut && i > first) return;
    const own: (Reply | undefined)[] = [];
    for (const at of $range(taken, end - 1)) own[at - taken] = replies[at];
    answers.push(own);
    if (isCut) return;
    taken = end;
  }
}

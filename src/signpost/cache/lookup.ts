import { Clock, Lru } from "../ports";
import { FailureWord } from "../result";
import { namesToTry } from "../routing/names";
import { badRoute, Plan, planOf } from "../routing/plan";
import { KnownByName, ReadFailure, ReadThrough } from "./flights";
import { Ledger } from "./ledger";
import { Known } from "./record";
import { RefreshSoon } from "./refresh";
import { Survey, survey, Trust } from "./survey";

/** Which level answered; what `$signpost_cache` carries. `stale`: a record past its time, while it is refreshed. */
export type CacheLevel = "memory" | "shared" | "redis" | "stale" | "absent";

/** A host's answer, as a worker remembers it. */
export interface Answer {
  /** The name of the route table that matched. */
  readonly name: string;
  readonly plan: Plan;
  /** What the answer is called when it comes from memory: `stale` for one that was stale when it was remembered. */
  readonly level: CacheLevel;
  /** The change clock that it is valid for. */
  readonly clock: number;
  /** Until when it is believed without a look at the next level, seconds since 1970; for ever where changes are pushed. */
  readonly freshUntil: number;
}

/** An answer and the level it came from; or why there is none, the level that knows, and what an operator should read. */
export type Found = LuaMultiReturn<
  | [answer: Answer, err: undefined, level: CacheLevel]
  | [answer: undefined, err: FailureWord, level: CacheLevel, detail: string]
>;

/** What a look-up goes through, nearest first. */
export interface Levels {
  readonly memory: Lru<Answer>;
  readonly findShared: (this: void, name: string) => Known | undefined;
  readonly readRedis: ReadThrough;
  /** The same for a host that is known: not refused because many others are not. */
  readonly readForKnown: ReadThrough;
  readonly refreshSoon: RefreshSoon;
  readonly ledger: Ledger;
  readonly now: Clock;
  /** Without tracking, how long a record is fresh, seconds. */
  readonly ttl: number;
}

/**
 * How long a stale answer is remembered at most before the shared dict is looked at again, seconds: the refresh is on
 * its way, but with Redis down it will fail, and requests should not each ask for another.
 */
const STALE_PAUSE = 0.2;

/** @returns the look-up through the levels: the nearest that knows answers, and every nearer one learns it. */
export function lookUpThrough(levels: Levels): (this: void, host: string) => Found {
  const { memory, now } = levels;
  const { clock } = levels.ledger;

  return (host) => {
    const answer = memory.get(host);
    if (answer?.clock === clock() && now() < answer.freshUntil) {
      return $multi(answer, undefined, answer.level);
    }
    return lookFurther(levels, host);
  };
}

/** What one look-up goes by. */
interface View {
  readonly host: string;
  readonly names: readonly string[];
  /** The change clock before anything was looked at: what is found is valid for no later one. */
  readonly clock: number;
  /** The epoch of tracking; 0 without. */
  readonly epoch: number;
  /** What it has read itself counts before the shared dict, which may have been too full to keep it. */
  readonly read: KnownByName;
  /** Whether any of that is not to be remembered. */
  isFleeting: boolean;
}

/** The part of the way that a host's first request goes, and the first after each change. Yields if Redis is asked. */
function lookFurther(levels: Levels, host: string): Found {
  const { ledger } = levels;
  const [clock, epoch] = [ledger.clock(), ledger.epoch()];
  const view: View = { host, names: namesToTry(host), clock, epoch, read: new LuaMap(), isFleeting: false };
  let seen = look(levels, view, "suspect");
  if (seen.verdict !== "unknown") {
    return settle(levels, view, seen, seen.due.length > 0 ? "stale" : "shared");
  }
  const read = levels.memory.get(host) === undefined ? levels.readRedis : levels.readForKnown;
  // More than one round only if the shared dict evicts a name meanwhile; each round reads at least one name for good.
  while (seen.verdict === "unknown") {
    const [found, err, detail] = read(seen.due);
    if (err !== undefined) {
      return withoutRedis(levels, view, err, detail);
    }
    for (const [name, known] of found) {
      view.read.set(name, known);
      view.isFleeting ||= known.isFleeting === true;
    }
    seen = look(levels, view, "suspect");
  }
  return settle(levels, view, seen, "redis");
}

/** What is known goes on serving, however old: what the node knows, or else what only this worker's memory still does. */
function withoutRedis(levels: Levels, view: View, err: ReadFailure, detail: string): Found {
  const seen = look(levels, view, "stale");
  if (seen.verdict !== "unknown") {
    return settle(levels, view, seen, "stale");
  }
  if (levels.ledger.isComplete()) {
    const presumed = look(levels, view, "stale", NEVER_SEEN);
    if (presumed.verdict === "found") {
      return settle(levels, view, presumed, "stale");
    }
  }
  const last = levels.memory.get(view.host);
  if (last === undefined || err !== "redis_down") {
    return $multi(undefined, err, "redis", detail);
  }
  const { name, plan } = last;
  const answer: Answer = { name, plan, level: "stale", clock: view.clock, freshUntil: staleUntil(levels) };
  levels.memory.set(view.host, answer);
  return $multi(answer, undefined, "stale");
}

/** What a name is that a complete snapshot does not have. */
const NEVER_SEEN: Known = { kind: "absent", text: "", checked: 0, epoch: 0 };

/**
 * @param missed how far to trust what may have missed a change: `suspect` as long as Redis can be asked
 * @param unseen what to take a name for that nothing is known of
 */
function look(levels: Levels, view: View, missed: "suspect" | "stale", unseen?: Known): Survey {
  const { read, epoch } = view;
  const freshSince = levels.now() - levels.ttl;
  const find = (name: string) => read.get(name) ?? levels.findShared(name) ?? unseen;
  return survey(view.names, find, (name, known) =>
    read.has(name) ? "fresh" : trustIn(known, epoch, freshSince, missed),
  );
}

/**
 * With tracking, a record read in this epoch (or, of a routes file, the next) is what Redis holds, for a change would have been pushed. Without, time must
 * do.
 */
function trustIn(known: Known, epoch: number, freshSince: number, missed: Trust): Trust {
  if (epoch !== 0) {
    return known.epoch >= epoch ? "fresh" : missed;
  }
  return known.checked >= freshSince ? "fresh" : "stale";
}

function settle(levels: Levels, view: View, seen: Survey, level: CacheLevel): Found {
  const { name, known } = seen;
  if (level === "stale") {
    levels.refreshSoon(seen.due);
  }
  if (name === undefined || known === undefined) {
    // What Redis has said is gone must not come back from memory when it can no longer say so.
    levels.memory.delete(view.host);
    return $multi(undefined, "no_route", level === "redis" ? "redis" : "absent", view.host);
  }
  const answer: Answer = {
    name,
    plan: known.kind === "bad" ? badRoute(known.text) : planOf(known.text),
    level: level === "stale" ? "stale" : "memory",
    clock: view.clock,
    freshUntil: level === "stale" ? staleUntil(levels) : freshUntil(levels, view, seen),
  };
  if (!view.isFleeting) {
    levels.memory.set(view.host, answer);
  }
  return $multi(answer, undefined, level);
}

function freshUntil(levels: Levels, view: View, seen: Survey): number {
  return view.epoch === 0 ? seen.checked + levels.ttl : math.huge;
}

function staleUntil(levels: Levels): number {
  return levels.now() + math.min(STALE_PAUSE, levels.ttl);
}

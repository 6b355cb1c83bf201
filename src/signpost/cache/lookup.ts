import { Clock, Lru } from "../ports";
import { FailureWord } from "../result";
import { namesToTry } from "../routing/names";
import { badRoute, Plan, planOf } from "../routing/plan";
import { KnownByName, ReadThrough } from "./flights";
import { Known } from "./record";
import { RefreshSoon } from "./refresh";
import { Survey, survey } from "./survey";

/** Which level answered; what `$signpost_cache` carries. `stale`: a record past its time, while it is refreshed. */
export type CacheLevel = "memory" | "shared" | "redis" | "stale" | "absent";

/** A host's answer, as a worker remembers it. */
export interface Answer {
  /** The name of the route table that matched. */
  readonly name: string;
  readonly plan: Plan;
  /** What the answer is called when it comes from memory: `stale` for one that was stale when it was remembered. */
  readonly level: CacheLevel;
  /** Until when it is believed without a look at the next level, seconds since 1970. */
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
  readonly refreshSoon: RefreshSoon;
  readonly now: Clock;
  /** How long a record is fresh, seconds. */
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

  return (host) => {
    const answer = memory.get(host);
    if (answer !== undefined && now() < answer.freshUntil) {
      return $multi(answer, undefined, answer.level);
    }
    return lookFurther(levels, host);
  };
}

/** The part of the way that only a host's first request, and one each `ttl`, goes. Yields if Redis must be asked. */
function lookFurther(levels: Levels, host: string): Found {
  const names = namesToTry(host);
  const freshSince = levels.now() - levels.ttl;
  // What this look-up has read counts before the shared dict, which may have been too full to keep it.
  const read: KnownByName = new LuaMap();
  const find = (name: string) => read.get(name) ?? levels.findShared(name);
  let seen = survey(names, find, freshSince);
  let level: CacheLevel = seen.due.length > 0 ? "stale" : "shared";
  // More than one round only if the shared dict evicts a name meanwhile; each round reads at least one name for good.
  while (seen.verdict === "unknown") {
    const [found, err, detail] = levels.readRedis(seen.due);
    if (err !== undefined) {
      const last = levels.memory.get(host);
      if (last !== undefined) {
        return $multi(rememberAsStale(levels, host, last), undefined, "stale");
      }
      return $multi(undefined, err, "redis", detail);
    }
    for (const [name, known] of found) {
      read.set(name, known);
    }
    seen = survey(names, find, freshSince);
    level = "redis";
  }
  return settle(levels, host, seen, level);
}

/** Only this worker's memory still knows the host; it goes on doing so, without asking Redis for each request. */
function rememberAsStale(levels: Levels, host: string, last: Answer): Answer {
  const { name, plan } = last;
  const answer: Answer = { name, plan, level: "stale", freshUntil: levels.now() + math.min(STALE_PAUSE, levels.ttl) };
  levels.memory.set(host, answer);
  return answer;
}

function settle(levels: Levels, host: string, seen: Survey, level: CacheLevel): Found {
  const { name, known } = seen;
  if (level === "stale") {
    levels.refreshSoon(seen.due);
  }
  if (name === undefined || known === undefined) {
    // What Redis has said is gone must not come back from memory when it can no longer say so.
    levels.memory.delete(host);
    return $multi(undefined, "no_route", level === "redis" ? "redis" : "absent", host);
  }
  const answer: Answer = {
    name,
    plan: known.kind === "bad" ? badRoute(known.text) : planOf(known.text),
    level: level === "stale" ? "stale" : "memory",
    freshUntil: level === "stale" ? levels.now() + math.min(STALE_PAUSE, levels.ttl) : seen.checked + levels.ttl,
  };
  levels.memory.set(host, answer);
  return $multi(answer, undefined, level);
}

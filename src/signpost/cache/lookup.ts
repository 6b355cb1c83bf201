import { Clock, Lru } from "../ports";
import { Compiled, CompiledNames, Usable } from "./compiled";
import { KnownByName, ReadFailure, ReadThrough } from "./flights";
import { NodeState } from "../state/node_state";
import { isYoung, Known, NEVER_SEEN } from "./record";
import { RefreshSoon } from "./refresh";
import { NameMatch, matchNames, Trust } from "./match_names";

/** Which level answered, as `$signpost_cache` says. `stale`: a record past its time, which is being refreshed. */
export type CacheLevel = "memory" | "shared" | "redis" | "stale" | "absent";

/** What was found for a subject (a host, or a pool's name), as a worker remembers it. */
export interface Remembered<V> {
  /** The name that matched, without its sign. */
  readonly name: string;
  /** What its record was compiled to: shared by all subjects that the name answers for, and dropped to make room. */
  readonly compiled: Compiled<V>;
  /** The level of an answer from memory: `memory`, or `stale` for one that was stale when it was remembered. */
  readonly level: CacheLevel;
  /** The change clock that it is valid for. */
  readonly clock: number;
  /** Until when it serves without a look at the next level, seconds since 1970; for ever while changes are pushed. */
  readonly freshUntil: number;
}

/** The same with its compiled record, which stays until the worker does something else. */
export interface Answer<V> extends Remembered<V> {
  readonly compiled: Usable<V>;
}

/** Why there is no answer. `not_found`: every name that the subject may match is known to be absent. */
export type LookUpFailure = ReadFailure | "not_found";

/** An answer and its level; or the reason why there is none, the level that knows, and a detail for the operator. */
export type Found<V> = LuaMultiReturn<
  | [answer: Answer<V>, err: undefined, level: CacheLevel]
  | [answer: undefined, err: LookUpFailure, level: CacheLevel, detail: string]
>;

/** Looks a subject up. Yields if Redis is asked. */
export type LookUp<V> = (this: void, subject: string) => Found<V>;

/**
 * Looks a subject up in what this node knows, however old, for callers that must not wait. It asks no Redis and
 * remembers nothing.
 */
export type Recall<V> = (this: void, subject: string) => V | undefined;

/** The levels of a look-up, nearest first. */
export interface Levels<V> {
  readonly memory: Lru<Remembered<V>>;
  /** The prefix of names in the cache, for their space and table (see `Keys`). Answers omit it. May be empty. */
  readonly sign: string;
  /** @returns the names that a subject may match, the most specific first. */
  readonly namesOf: (this: void, subject: string) => readonly string[];
  /** What this worker has compiled. */
  readonly compiled: CompiledNames<V>;
  readonly findShared: (this: void, name: string) => Known | undefined;
  readonly readRedis: ReadThrough;
  /** The same for a subject that this worker remembers: never refused as `busy`. */
  readonly readForKnown: ReadThrough;
  readonly refreshSoon: RefreshSoon;
  readonly nodeState: NodeState;
  readonly now: Clock;
  /** Without tracking, how long a record is fresh, seconds. */
  readonly ttl: number;
}

/**
 * How long a stale answer is remembered at most before the next look into the shared dict, seconds. The refresh is on
 * its way; with Redis down it will fail, and not every request should ask for another.
 */
const STALE_PAUSE = 0.2;

/** @returns the look-up through the levels. The nearest level that knows answers, and every nearer one learns it. */
export function lookUpThrough<V>(levels: Levels<V>): LookUp<V> {
  const { memory, now } = levels;
  const clock = levels.nodeState.changeClock.value;

  return (subject) => {
    const answer = memory.get(subject);
    // The condition stands here, not in a function of its own: this runs for every request.
    if (answer?.clock === clock() && now() < answer.freshUntil && answer.compiled.value !== undefined) {
      answer.compiled.isUsed = true;
      return $multi(answer as Answer<V>, undefined, answer.level);
    }
    return lookFurther(levels, subject);
  };
}

/**
 * @returns the look-up through memory and the shared dict only.
 *
 * Invariant: it changes nothing, because what it finds may have missed a change and must not serve a look-up that can
 * ask Redis.
 */
export function recallFrom<V>(levels: Levels<V>): Recall<V> {
  return (subject) => {
    const last = levels.memory.get(subject);
    if (last?.clock === levels.nodeState.changeClock.value() && last.compiled.value !== undefined) {
      return last.compiled.value;
    }
    const { verdict, name, known } = lookWithoutRedis(levels, newView(levels, subject));
    if (name !== undefined && known !== undefined) {
      return levels.compiled.once(name, known).value;
    }
    if (verdict === "none") {
      return undefined;
    }
    return last?.compiled.value;
  };
}

/** The state of one look-up. */
interface View {
  readonly subject: string;
  readonly names: readonly string[];
  /** The change clock before the first look: what is found is valid for no later one. */
  readonly clock: number;
  /** The epoch of tracking; 0 without. */
  readonly epoch: number;
  /** What it has read itself. It takes precedence over the shared dict, which may have been too full to store it. */
  readonly read: KnownByName;
  /** Whether any of it must not be remembered. */
  isFleeting: boolean;
  /** Whether the shared dict does not hold all of it. */
  isUnkept: boolean;
}

/** The slow path: a subject's first request, and the first after each change. Yields if Redis is asked. */
function lookFurther<V>(levels: Levels<V>, subject: string): Found<V> {
  const view = newView(levels, subject);
  let seen = look(levels, view, "unverified");
  if (seen.verdict !== "unknown") {
    return answerFrom(levels, view, seen, seen.due.length > 0 ? "stale" : "shared");
  }
  const read = levels.memory.get(subject) === undefined ? levels.readRedis : levels.readForKnown;
  // A second round comes only if the shared dict evicts a name meanwhile. Each round reads at least one name for good.
  while (seen.verdict === "unknown") {
    const [found, err, detail] = read(seen.due);
    if (err !== undefined) {
      return withoutRedis(levels, view, err, detail);
    }
    for (const [name, known] of found) {
      view.read.set(name, known);
      view.isFleeting ||= known.isFleeting === true;
      view.isUnkept ||= known.isUnkept === true;
    }
    seen = look(levels, view, "unverified");
  }
  return answerFrom(levels, view, seen, "redis");
}

function newView<V>(levels: Levels<V>, subject: string): View {
  const { nodeState, namesOf } = levels;
  const [clock, epoch] = [nodeState.changeClock.value(), nodeState.epochs.current()];
  return { subject, names: namesOf(subject), clock, epoch, read: new LuaMap(), isFleeting: false, isUnkept: false };
}

/**
 * Serves known hosts without Redis, by what the node knows, or else by what only this worker remembers, however old.
 */
function withoutRedis<V>(levels: Levels<V>, view: View, err: ReadFailure, detail: string): Found<V> {
  const seen = lookWithoutRedis(levels, view);
  if (seen.verdict !== "unknown") {
    return answerFrom(levels, view, seen, "stale");
  }
  const last = levels.memory.get(view.subject);
  if (last?.compiled.value === undefined || err !== "redis_down") {
    return $multi(undefined, err, "redis", detail);
  }
  const { name, compiled } = last as Answer<V>;
  compiled.clock = math.max(compiled.clock, view.clock);
  const answer: Answer<V> = { name, compiled, level: "stale", clock: view.clock, freshUntil: staleUntil(levels) };
  levels.memory.set(view.subject, answer);
  return $multi(answer, undefined, "stale");
}

/** What the node knows, however old. While it holds a whole snapshot, names that it does not know count as absent. */
function lookWithoutRedis<V>(levels: Levels<V>, view: View): NameMatch {
  const seen = look(levels, view, "stale");
  if (seen.verdict !== "unknown" || !levels.nodeState.completeness.holds()) {
    return seen;
  }
  const presumed = look(levels, view, "stale", NEVER_SEEN);
  return presumed.verdict === "found" ? presumed : seen;
}

/**
 * @param missed how far to trust a record that may have missed a change: `unverified` while Redis can be asked
 * @param unseen stands for a name that nothing is known about, because a complete snapshot does not have it
 */
function look<V>(levels: Levels<V>, view: View, missed: "unverified" | "stale", unseen?: Known): NameMatch {
  const { read, epoch } = view;
  const find = (name: string) => read.get(name) ?? levels.findShared(name) ?? unseen;
  return matchNames(view.names, find, (name, known) =>
    read.has(name) ? "fresh" : trustIn(levels, known, epoch, missed),
  );
}

/**
 * With tracking, a record is what Redis holds if it was read in this epoch (or, from a routes file, for the next),
 * because a change would have been pushed. Without tracking, its age decides.
 */
function trustIn<V>(levels: Levels<V>, known: Known, epoch: number, missed: Trust): Trust {
  if (epoch !== 0) {
    return levels.nodeState.epochs.covers(epoch, known.epoch) ? "fresh" : missed;
  }
  return isYoung(known, levels.now(), levels.ttl) ? "fresh" : "stale";
}

function answerFrom<V>(levels: Levels<V>, view: View, seen: NameMatch, level: CacheLevel): Found<V> {
  const { name, known } = seen;
  if (level === "stale") {
    levels.refreshSoon(seen.due);
  }
  if (name === undefined || known === undefined) {
    // A host that Redis has said is gone must not come back from memory once Redis is down.
    levels.memory.delete(view.subject);
    return $multi(undefined, "not_found", level === "redis" ? "redis" : "absent", view.subject);
  }
  // An answer that is not remembered must not replace one that is.
  let kept: Usable<V> | undefined;
  if (!view.isFleeting) {
    kept = levels.compiled.keep(name, known, view.clock);
  }
  const answer: Answer<V> = {
    name: string.sub(name, levels.sign.length + 1),
    compiled: kept ?? levels.compiled.once(name, known),
    level: level === "stale" ? "stale" : "memory",
    clock: view.clock,
    freshUntil: level === "stale" ? staleUntil(levels) : freshUntil(levels, view, seen),
  };
  if (kept !== undefined) {
    levels.memory.set(view.subject, answer);
  }
  return $multi(answer, undefined, level);
}

function freshUntil<V>(levels: Levels<V>, view: View, seen: NameMatch): number {
  if (view.epoch === 0) {
    return seen.checked + levels.ttl;
  }
  // The node would not notice a push for a name that it does not hold.
  return view.isUnkept ? 0 : math.huge;
}

function staleUntil<V>(levels: Levels<V>): number {
  return levels.now() + math.min(STALE_PAUSE, levels.ttl);
}

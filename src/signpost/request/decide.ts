/**
 * The decision about a request: which backend it goes to, or how it is answered, and why.
 *
 * It is pure but for what it is given: `nginx` is read by a `RequestReader`, routes and pools come from look-ups, and the
 * chooser counts the request for the peer that it gives.
 */
import type { Choice, Chooser } from "../balance/choose";
import type { Peer } from "../balance/peer";
import type { Pool } from "../balance/pool";
import type { CacheLevel, LookUp, LookUpFailure } from "../cache/lookup";
import type { PathEntry } from "../format/path_prefix";
import type { ReturnTarget } from "../format/return_target";
import type { FailureWord } from "../result";
import { isHost } from "../routing/names";
import { entryFor } from "../routing/path_entry";
import type { PathlessPlan, Plan, PlanWithRules } from "../routing/plan";
import { replacePrefix } from "../routing/replace_prefix";
import { hashKey } from "./hash_key";
import { httpsLocation, httpsStatus, leadsToItself, locationOf } from "./redirect";
import type { RequestReader } from "./request_reader";
import { blockFor } from "./upstream_block";

/** What a decision is made with. */
export interface DecideParts {
  readonly lookUp: LookUp<Plan>;
  readonly lookUpPool: LookUp<Plan>;
  readonly chooser: Chooser;
  /** The upstream block whose balancer is Signpost's; empty: there is none, and every peer goes by address. */
  readonly block: string;
  /** What this node calls itself in `CDN-Loop`. */
  readonly nodeId: string;
}

/** Why the decision is what it is, as far as it came. */
interface Reasons {
  /** The key of the route table that matched; empty: none. */
  readonly route: string;
  /** Which level of the cache has answered for the host. */
  readonly level: CacheLevel;
  /** The entry of a route with paths. */
  readonly entry: PathEntry<PathlessPlan> | undefined;
  /** The pool that the route names; empty: none. */
  readonly poolName: string;
  /** The pool that the request goes to, or would if a peer were up. Its addresses may stand in the route itself. */
  readonly pool: Pool | undefined;
  /**
   * If the pool hashes: the value of the cookie that the client is given to come back to the same peer; empty: none. See
   * `hashKey`.
   */
  readonly cookie: string;
}

/** The request goes to a peer. */
export interface Sending extends Reasons, Choice {
  readonly kind: "send";
  readonly pool: Pool;
  /** What the request was hashed to; 0 if the pool does not hash. */
  readonly key: number;
  /** What `proxy_pass` is given: an upstream block, or the peer's host and port; and the new target, if there is one. */
  readonly upstream: string;
  /** Whether it is the peer's address: the balancer is not asked then. */
  readonly isByAddress: boolean;
  /** See `RequestReader.nextHop`. */
  readonly hop: string;
}

/** The route itself says the answer. */
export interface Answering extends Reasons {
  readonly kind: "answer";
  readonly status: number;
  /** Where a redirect leads; nothing for any other status. */
  readonly location: string | undefined;
}

/** The request gets no backend. */
export interface Refusing extends Reasons {
  readonly kind: "refuse";
  readonly word: FailureWord;
  /** What a person should read, if a look-up failed; otherwise empty. */
  readonly detail: string;
}

export type Decision = Sending | Answering | Refusing;

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

/**
 * One table for every kind of decision, so that it can be used again: making one would cost more than deciding.
 *
 * For the same reason each field is written only once for a decision, where its value is known; and a field that a decision
 * has no use for (`cookie` without hashing, `word` without a failure) still has the value of an earlier decision.
 */
export type Draft = Writable<
  Omit<Sending, "kind" | "pool" | "peer"> & Omit<Answering, "kind" | "pool"> & Omit<Refusing, "kind" | "pool">
> & { kind: Decision["kind"]; pool: Pool | undefined; peer: Peer | undefined };

/** @returns an empty table for decisions. */
export function newDraft(): Draft {
  // All fields stand here, those that are nil too: a table that gets them one by one has another shape.
  return {
    kind: "refuse",
    route: "",
    level: "memory",
    entry: undefined,
    poolName: "",
    pool: undefined,
    peer: undefined,
    as: "up",
    key: 0,
    upstream: "",
    isByAddress: false,
    hop: "",
    cookie: "",
    status: 0,
    location: undefined,
    word: "no_route",
    detail: "",
  };
}

/**
 * Decides about one request. Yields if Redis is asked.
 *
 * @param host nginx's `$host`
 * @param draft becomes the decision; nobody else may use it meanwhile
 */
export function decide(parts: DecideParts, request: RequestReader, host: string, draft: Draft): Decision {
  const [found, err, level, detail] = parts.lookUp(host);
  draft.level = level;
  draft.entry = undefined;
  draft.poolName = "";
  if (err === undefined) {
    draft.route = found.name;
    const plan = planAt(found.compiled.value, request, draft);
    follow(parts, request, plan, found.clock, draft);
  } else {
    draft.route = "";
    refuse(draft, wordOf(err, isHost(host) ? "no_route" : "bad_host"), detail);
  }
  // The functions below return nothing: LuaJIT gives up on a trace with more than 15 tail calls.
  return draft as Decision;
}

/** @returns what the route says for the request's path */
function planAt(route: Plan, request: RequestReader, draft: Draft): PathlessPlan {
  if (route.kind !== "paths") return route;
  const entry = entryFor(route.paths, request.uri(), request.target(), request.isInternal);
  draft.entry = entry;
  return entry.to;
}

/** @param clock the change clock that the plan is valid for */
function follow(parts: DecideParts, request: RequestReader, plan: PathlessPlan, clock: number, draft: Draft): void {
  if (plan.kind === "backends") {
    send(parts, request, plan, clock, draft);
  } else if (plan.kind === "pool_ref") {
    followPool(parts, request, plan.name, draft);
  } else if (plan.kind === "with_rules") {
    followRules(parts, request, plan, clock, draft);
  } else if (plan.kind === "fail") {
    refuse(draft, plan.word);
  } else {
    answerReturn(request, plan, draft);
  }
}

function followPool(parts: DecideParts, request: RequestReader, name: string, draft: Draft): void {
  draft.poolName = name;
  const [found, err, , detail] = parts.lookUpPool(name);
  if (err !== undefined) {
    refuse(draft, wordOf(err, "no_pool"), detail);
    return;
  }
  const plan = found.compiled.value;
  if (plan.kind === "backends") {
    send(parts, request, plan, found.clock, draft);
  } else {
    refuse(draft, "bad_route");
  }
}

function followRules(
  parts: DecideParts,
  request: RequestReader,
  plan: PlanWithRules,
  clock: number,
  draft: Draft,
): void {
  const { path, isHttpsOnly, to } = plan;
  if (isHttpsOnly && request.scheme() !== "https") {
    answer(draft, httpsStatus(request), httpsLocation(request));
    return;
  }
  if (path === undefined) {
    follow(parts, request, to, clock, draft);
    return;
  }
  const target = replacePrefix(path, request.uri(), request.target(), request.args());
  if (target === undefined) {
    refuse(draft, "bad_path");
    return;
  }
  follow(parts, request, to, clock, draft);
  if (draft.kind === "send") draft.upstream += target;
}

function answerReturn(request: RequestReader, to: ReturnTarget, draft: Draft): void {
  const location = locationOf(to, request);
  if (location !== undefined && leadsToItself(location, request)) {
    refuse(draft, "loop");
  } else {
    answer(draft, to.status, location);
  }
}

/** A request that has been here before is refused first: it counts for no peer. */
function send(parts: DecideParts, request: RequestReader, pool: Pool, clock: number, draft: Draft): void {
  const hop = request.nextHop(parts.nodeId);
  if (hop === undefined) {
    refuse(draft, "loop");
    return;
  }
  const key = pool.isPlain ? 0 : keyFor(pool, request, draft);
  const [peer, as] = parts.chooser.choose(pool, key, clock);
  if (peer === undefined) {
    refuseAtPool(draft, pool, "no_peer_up");
    return;
  }
  const block = pool.isPlain ? parts.block : blockFor(pool.options.reuse, parts.block, request);
  const isByAddress = !pool.isPoolable || block === "";
  if (isByAddress && peer.scheme === "https" && !request.isVerified()) {
    parts.chooser.giveBack(pool, peer, as);
    refuseAtPool(draft, pool, "bad_route");
    return;
  }
  draft.kind = "send";
  draft.hop = hop;
  draft.pool = pool;
  draft.key = key;
  draft.peer = peer;
  draft.as = as;
  draft.isByAddress = isByAddress;
  draft.upstream = isByAddress ? peer.hostPort : block;
}

function keyFor(pool: Pool, request: RequestReader, draft: Draft): number {
  const [key, cookie] = hashKey(pool.options, request, true);
  draft.cookie = cookie;
  return key;
}

function answer(draft: Draft, status: number, location: string | undefined): void {
  draft.kind = "answer";
  draft.pool = undefined;
  draft.status = status;
  draft.location = location;
}

function refuse(draft: Draft, word: FailureWord, detail = ""): void {
  draft.kind = "refuse";
  draft.pool = undefined;
  draft.word = word;
  draft.detail = detail;
}

function refuseAtPool(draft: Draft, pool: Pool, word: FailureWord): void {
  refuse(draft, word);
  draft.pool = pool;
}

function wordOf(err: LookUpFailure, notFound: FailureWord): FailureWord {
  return err === "not_found" ? notFound : err;
}

import type { Choice, Chooser } from "../balance/choose";
import type { Peer } from "../balance/peer";
import type { Pool } from "../balance/pool";
import type { CacheLevel, LookUp } from "../cache/lookup";
import type { PathEntry } from "../format/path_prefix";
import type { FailureWord } from "../result";
import type { PathlessPlan, Plan, PlanOfPool } from "../routing/plan";

/** What making a decision needs. */
export interface DecideParts {
  readonly lookUp: LookUp<Plan>;
  readonly lookUpPool: LookUp<PlanOfPool>;
  readonly choose: Chooser["choose"];
  readonly giveBack: Chooser["giveBack"];
  /** The upstream block whose balancer is Signpost's; empty: there is none, and every peer goes by address. */
  readonly block: string;
  /** The id of this node in `CDN-Loop`. */
  readonly nodeId: string;
}

/** The reasons for a decision, as far as they are known. */
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
   * If the pool hashes: the value of the cookie that the client is given to come back to the same peer; empty: none.
   * See `hashKey`.
   */
  readonly cookie: string;
}

/** The request goes to a peer. */
export interface Sending extends Reasons, Choice {
  readonly kind: "send";
  readonly pool: Pool;
  /** What the request was hashed to; 0 if the pool does not hash. */
  readonly key: number;
  /**
   * What `proxy_pass` is given: an upstream block, or the peer's host and port; and the new target, if there is one.
   */
  readonly upstream: string;
  /** Whether `upstream` is the peer's address: nginx then does not ask the balancer. */
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
 * For the same reason each field is written only once for a decision, where its value is known; and a field that a
 * decision does not use (`cookie` without hashing, `word` without a failure) still has the value of an earlier
 * decision.
 */
export type Draft = Writable<
  Omit<Sending, "kind" | "pool" | "peer"> & Omit<Answering, "kind" | "pool"> & Omit<Refusing, "kind" | "pool">
> & { kind: Decision["kind"]; pool: Pool | undefined; peer: Peer | undefined };

/** @returns an empty table for decisions. */
export function newDraft(): Draft {
  // All fields are listed, even those that are nil: a table that gets them one by one has another shape.
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

/** Decides that the request gets no backend, and says why. */
export function refuse(draft: Draft, word: FailureWord, detail = ""): void {
  draft.kind = "refuse";
  draft.pool = undefined;
  draft.word = word;
  draft.detail = detail;
}

/** The same for a pool that was found. */
export function refuseAtPool(draft: Draft, pool: Pool, word: FailureWord): void {
  refuse(draft, word);
  draft.pool = pool;
}

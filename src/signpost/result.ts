/**
 * What Lua calls `value, err`: exactly one of the two is present. Once destructured, the value cannot be used before
 * `err` has been looked at, and a call whose result is dropped is a lint error.
 *
 * `err` is a word from a closed union: stable, greppable, a metric label. `detail` is prose for a person: the place,
 * the value, what was expected.
 */
export type Result<T, E extends string = string> = LuaMultiReturn<
  [value: T, err: undefined] | [value: undefined, err: E, detail: string]
>;

/**
 * Why a request got no backend. Each word has one HTTP status (see `FAILURES`) and is what `$signpost_error` carries.
 */
export type FailureWord =
  "no_route" | "bad_route" | "no_pool" | "no_peer_up" | "redis_down" | "busy" | "loop" | "bad_host" | "bad_path";

/** How a failure word is answered. */
export interface Failure {
  /** HTTP status. */
  readonly status: number;
  /** The plain-text body; ends with a line feed. */
  readonly body: string;
  /** Whether the client is told when to retry (`Retry-After`). */
  readonly retry: boolean;
}

/** Every failure word's answer: a new word without a status does not compile. */
export const FAILURES: Readonly<Record<FailureWord, Failure>> = {
  no_route: { status: 404, body: "no route for this host\n", retry: false },
  bad_route: { status: 502, body: "the route for this host cannot be used\n", retry: false },
  no_pool: { status: 503, body: "the route's pool does not exist\n", retry: true },
  no_peer_up: { status: 503, body: "no backend of this route is up\n", retry: true },
  redis_down: { status: 503, body: "the route table cannot be reached\n", retry: true },
  loop: { status: 508, body: "the route for this host leads back here\n", retry: false },
  busy: { status: 503, body: "too many look-ups at once\n", retry: true },
  bad_host: { status: 400, body: "this is no host name\n", retry: false },
  bad_path: { status: 400, body: "this path can be read in more than one way\n", retry: false },
};

/**
 * What Redis said about one name of the cache. `good`: the text is a route's or a pool's, as its form's reader
 * returned it. `absent`: Redis itself said that there is no such key; a failure is never `absent`.
 */
export type Reading =
  | { readonly kind: "good"; readonly text: string }
  | { readonly kind: "bad"; readonly reason: string }
  | { readonly kind: "absent" };

/**
 * What is known about one name of the cache. `good`: the text is a route's, or a pool's. `bad`: there never was a good
 * value, and the text says why. `absent`: Redis has no such key, and the text is empty.
 */
export interface KnownValue {
  readonly kind: Reading["kind"];
  readonly text: string;
}

/** There is no such key. */
export const ABSENT: Reading = { kind: "absent" };

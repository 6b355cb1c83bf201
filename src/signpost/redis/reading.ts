/**
 * What Redis said of one name of the cache. `good`: it is good, and the text is what its form's reader made of it: a
 * route's, or a pool's. `absent` is Redis's word that there is no such key, never a failure.
 */
export type Reading =
  | { readonly kind: "good"; readonly text: string }
  | { readonly kind: "bad"; readonly reason: string }
  | { readonly kind: "absent" };

/**
 * What is known of one name of the cache. `good`: the text is a route's, or a pool's. `bad`: there never was a good value,
 * and the text says why. `absent`: Redis has no such key, and the text is empty.
 */
export interface KnownValue {
  readonly kind: Reading["kind"];
  readonly text: string;
}

/** There is no such key. */
export const ABSENT: Reading = { kind: "absent" };

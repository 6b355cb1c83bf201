/**
 * What Redis said of one name of the cache. `good`: it is good, and the text is what its form's reader made of it: a
 * route's, or a pool's. `absent` is Redis's word that there is no such key, never a failure.
 */
export type Reading =
  | { readonly kind: "good"; readonly text: string }
  | { readonly kind: "bad"; readonly reason: string }
  | { readonly kind: "absent" };

/** There is no such key. */
export const ABSENT: Reading = { kind: "absent" };

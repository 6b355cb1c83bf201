/** What Redis said of one name of the route table. `absent` is its word that there is no such key, never a failure. */
export type Reading =
  | { readonly kind: "route"; readonly text: string }
  | { readonly kind: "bad"; readonly reason: string }
  | { readonly kind: "absent" };

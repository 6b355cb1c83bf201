/**
 * Whether the client speaks https: to this nginx, or to the load balancer in front of it, as far as the configuration
 * believes that one. It says so by `$signpost_forwarded_proto`, which is also what backends are told.
 */
export function isHttps(): boolean {
  return clientScheme() === "https";
}

/** @returns `http` or `https`, in lower case; whatever else a load balancer may say. */
export function clientScheme(): string {
  // Snippets of 0.1.0 have no such variable.
  return string.lower(ngx.var.signpost_forwarded_proto ?? ngx.var.scheme ?? "http");
}

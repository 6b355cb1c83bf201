/**
 * The scheme by which the client speaks to this nginx, or to the load balancer in front of it if the configuration
 * trusts that. Backends get the same scheme from `$signpost_forwarded_proto`.
 *
 * @returns `http`, `https` or whatever else a load balancer says, in lower case
 */
export function clientScheme(): string {
  // Snippets of 0.1.0 have no such variable.
  return string.lower(ngx.var.signpost_forwarded_proto ?? ngx.var.scheme ?? "http");
}

/** Whether the client speaks https. */
export function isHttps(): boolean {
  return clientScheme() === "https";
}

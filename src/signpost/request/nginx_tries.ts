import type { TryReader } from "./tries";

/** Reads the tries of the request that nginx is working on. */
export const nginxTries: TryReader = {
  statuses: () => ngx.var.upstream_status,
  addresses: () => ngx.var.upstream_addr,
  connectTimes: () => ngx.var.upstream_connect_time,
  headerTimes: () => ngx.var.upstream_header_time,
  // Snippets of 0.1.0 have no such variable. With them it is `$upstream`, unless an internal redirect has moved the
  // request.
  proxiedTo: () => ngx.var.signpost_proxied_to ?? (ngx.req.is_internal() ? "" : ngx.var.upstream),
};

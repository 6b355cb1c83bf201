import { nextHop } from "./cdn_loop_header";
import { clientScheme } from "./client_scheme";
import { newCookie } from "./issued_cookie";
import type { RequestReader } from "./request_reader";
import { hasOwnUpstream, isVerified } from "./snippet_versions";

/** Reads the request that nginx is working on. */
export const nginxRequest: RequestReader = {
  host: () => ngx.var.host ?? "",
  uri: () => ngx.var.uri ?? "/",
  target: () => ngx.var.request_uri ?? "/",
  args: () => ngx.var.args ?? "",
  isInternal: () => ngx.req.is_internal(),
  method: () => ngx.var.request_method ?? "",
  hasBody: () => ngx.var.http_transfer_encoding !== undefined || (ngx.var.content_length ?? "0") !== "0",
  scheme: clientScheme,
  hostHeader: () => ngx.var.http_host,
  variable: (name) => ngx.var[name],
  hash: (text) => ngx.crc32_long(text),
  newCookie,
  nextHop,
  hasFreshBlock: hasOwnUpstream,
  isVerified,
};

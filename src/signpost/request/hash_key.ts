import { HashOn } from "../format/option_values";
import { issueCookie } from "./issued_cookie";

/**
 * @param issues whether a client without the cookie gets one
 * @returns 32 bits of what the pool hashes on; of the client's address if the request has no such header or cookie.
 */
export function hashKey({ variable }: HashOn, issues: boolean): number {
  let value = ngx.var[variable];
  if (issues && (value === undefined || value === "")) {
    value = issueCookie(string.sub(variable, "cookie_".length + 1));
  }
  return ngx.crc32_long(value ?? ngx.var.remote_addr ?? "");
}

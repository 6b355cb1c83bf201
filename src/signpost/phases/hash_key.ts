import { HashOn } from "../upstream/option_values";

/** @returns 32 bits of what the pool hashes on; of the client's address if the request has no such header or cookie. */
export function hashKey({ variable }: HashOn): number {
  return ngx.crc32_long(ngx.var[variable] ?? ngx.var.remote_addr ?? "");
}

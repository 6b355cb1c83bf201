import type { OptionValues } from "../format/option_values";
import type { RequestReader } from "./request_reader";

/** The prefix of nginx's variables for cookies. */
const COOKIE = "cookie_";

/**
 * Hashes a request for a pool. A request without the header or cookie that the pool hashes on is hashed by the client's
 * address.
 *
 * @param options the pool's
 * @param mayIssue whether the client can still be given a cookie
 * @returns 32 bits, or 0 if the pool does not hash; and the value of the cookie that brings the client back to the
 * same peer, empty if none
 */
export function hashKey(
  options: OptionValues,
  request: RequestReader,
  mayIssue: boolean,
): LuaMultiReturn<[key: number, cookie: string]> {
  const { hashOn, hashCookie } = options;
  if (hashOn === undefined) return $multi(0, "");
  let value = request.variable(hashOn.variable);
  let cookie = "";
  if (mayIssue && hashCookie === "issue" && (value === undefined || value === "")) {
    value = request.newCookie(cookieName(hashOn.variable));
    cookie = value ?? "";
  }
  return $multi(request.hash(value ?? request.variable("remote_addr") ?? ""), cookie);
}

/** @returns the name of the cookie in nginx's variable `cookie_NAME` */
export function cookieName(variable: string): string {
  return string.sub(variable, COOKIE.length + 1);
}

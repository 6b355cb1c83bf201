/**
 * The cookie that makes a client's later requests go to the peer of this one. Nobody can guess another client's: each
 * is the digest of a secret and a number.
 */
import { randomHex } from "../platform/random_bytes";
import { isHttps } from "./client_scheme";

const SECRET_BYTES = 32;

/** This worker's secret. Made for its first cookie, because workers that are forked later must not share it. */
let secret: string | undefined;

/** How many values this worker has made. */
let count = 0;

/**
 * Makes a value for a cookie. A request that an internal redirect has brought here again keeps the value that its
 * response already has.
 *
 * @returns nothing if the system has no random bytes
 */
export function newCookie(name: string): string | undefined {
  const given = valueGiven(name, cookieLines());
  if (given !== undefined) {
    return given;
  }
  secret ??= randomHex(SECRET_BYTES);
  if (secret === undefined) {
    return undefined;
  }
  count += 1;
  return ngx.md5(`${secret} ${count} ${secret}`);
}

/** Gives the client a cookie, unless its response has that cookie already. */
export function giveCookie(name: string, value: string): void {
  const lines = cookieLines();
  if (valueGiven(name, lines) === undefined) {
    lines.push(`${name}=${value}; Path=/; HttpOnly; SameSite=Lax${isHttps() ? "; Secure" : ""}`);
    ngx.header["Set-Cookie"] = lines;
  }
}

/** @returns the value that a response's lines give a cookie */
function valueGiven(name: string, lines: readonly string[]): string | undefined {
  for (const line of lines) {
    if (string.sub(line, 1, name.length + 1) === `${name}=`) {
      const [value] = string.match(string.sub(line, name.length + 2), "^[^;]*");
      return value;
    }
  }
  return undefined;
}

/** @returns the `Set-Cookie` lines that the response has so far */
function cookieLines(): string[] {
  const lines = ngx.header["Set-Cookie"];
  if (lines === undefined) {
    return [];
  }
  return typeof lines === "object" ? lines : [`${lines}`];
}

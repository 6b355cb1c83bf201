import { randomHex } from "../platform/random_bytes";
import { isHttps } from "./client_scheme";

const SECRET_BYTES = 32;

/** Of this worker; read when the first cookie is issued, after workers have been forked. */
let secret: string | undefined;

let count = 0;

/**
 * Gives the client a cookie by which its later requests will go where this one goes. Nobody can guess another's: each is
 * the digest of a secret and a number. A request that an internal redirect brings here again keeps the cookie it has got.
 *
 * @returns the cookie's value; nothing where there is nothing random to make it of
 */
export function issueCookie(name: string): string | undefined {
  const lines = linesSoFar();
  for (const line of lines) {
    if (string.sub(line, 1, name.length + 1) === `${name}=`) {
      const [issued] = string.match(string.sub(line, name.length + 2), "^[^;]*");
      return issued;
    }
  }
  secret ??= randomHex(SECRET_BYTES);
  if (secret === undefined) {
    return undefined;
  }
  count += 1;
  const value = ngx.md5(`${secret} ${count} ${secret}`);
  lines.push(`${name}=${value}; Path=/; HttpOnly; SameSite=Lax${isHttps() ? "; Secure" : ""}`);
  ngx.header["Set-Cookie"] = lines;
  return value;
}

function linesSoFar(): string[] {
  const lines = ngx.header["Set-Cookie"];
  if (lines === undefined) {
    return [];
  }
  return typeof lines === "object" ? lines : [`${lines}`];
}

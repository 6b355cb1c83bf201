/** The path of a target. It replaces the prefix that a route matched, as in nginx's `proxy_pass` with a URI. */
import type { Result } from "../result";
import { refuse } from "../text/complaint";

const PATH_BYTE = "a byte a target's path may hold (others as %XX)";

const PATH_FORM = "a path without //, . or .., and without %2F, %5C or %2E";

/** Patterns that backends read in different ways: see path_readings.ts. */
const UNCLEAR = ["//", "/%.%.?%f[%z/]", "%%2[EeFf]", "%%5[Cc]"];

/**
 * Reads the path of a target: `/`, `/v2`.
 *
 * @param text begins with a slash
 * @param before bytes before it in the full text; error positions count from the start of the full text
 * @returns `bad_target` with the position, what was expected and what was found
 */
export function parseTargetPath(text: string, before = 0): Result<string, "bad_target"> {
  const [decoded] = string.gsub(text, "%%%x%x", "xxx");
  const [alien] = string.find(decoded, "[^A-Za-z0-9._~!&()*+=:@/-]");
  if (alien !== undefined) return refuse(before + alien, PATH_BYTE, string.sub(text, alien));
  for (const pattern of UNCLEAR) {
    const [place] = string.find(text, pattern);
    if (place !== undefined) return refuse(before + place, PATH_FORM, string.sub(text, place));
  }
  return $multi(text, undefined);
}

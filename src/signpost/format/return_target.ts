import type { Result } from "../result";
import { refuse } from "../text/complaint";

/** A response sent without a backend, in the syntax of nginx's `return`. */
export interface ReturnTarget {
  readonly kind: "return";
  /** The HTTP status. With a URL: 301, 302, 303, 307 or 308. Without: 400 to 599, except those in `UNANSWERED`. */
  readonly status: number;
  /** The URL of a redirect, without `$request_uri`. If the URL has `$host`, only the part before it. */
  readonly url?: string;
  /** The part of the URL after `$host`, which is the request's own host without port. */
  readonly afterHost?: string;
  /** Whether the client's path and query are appended to the URL, as the client sent them. */
  readonly appendRequestUri: boolean;
}

const REDIRECTS: Readonly<Record<number, true | undefined>> = { 301: true, 302: true, 303: true, 307: true, 308: true };

/**
 * Statuses that nginx does not send, each verified with nginx 1.22: 408 and 499 close the connection without a
 * response, and 494 to 497 are sent as 400. 444 closes it too, but is allowed, because users know it for that.
 */
const UNANSWERED: Readonly<Record<number, true | undefined>> = {
  408: true,
  494: true,
  495: true,
  496: true,
  497: true,
  499: true,
};

/**
 * Matches a byte that a URL must not contain: any byte but printable ASCII, and the blank, `" $ ' ; < > \ ^ { | }` and
 * the backtick, which could end an nginx string or begin another construct.
 */
const NOT_IN_URL = "[^!#%%&(-:=?-Z%[%]_a-z~]";

const STATUS = "301, 302, 303, 307, 308 or a status from 400 to 599";

const ANSWERED = "a status that nginx answers with: not 408, 494 to 497 or 499";

const URL_BYTE = "a byte a URL may hold (others as %XX, $host as the host, $request_uri at the end only)";

const AFTER_HOST = "the end of a host: a port, a path, $request_uri or nothing";

const URL_FORM = "a URL that begins with http:// or https:// and a host, or with a single /";

/**
 * Reads `return CODE` or `return CODE URL`.
 *
 * @param text begins with the word `return`, and has no blanks around it
 * @param before bytes before it in the full text; error positions count from the start of the full text
 * @returns `bad_target` with the position, what was expected and what was found
 */
export function parseReturn(text: string, before: number): Result<ReturnTarget, "bad_target"> {
  const [intro = "", code = "", gap = "", rest = ""] = string.match(text, "^(return[ \t]*)([^ \t]*)([ \t]*)(.*)$");
  const beforeCode = before + intro.length;
  const beforeRest = beforeCode + code.length + gap.length;
  const [digits] = string.match(code, "^[345]%d%d$");
  const status = tonumber(digits);
  if (status !== undefined && REDIRECTS[status] === true) return parseRedirect(status, rest, beforeRest);
  if (status === undefined || status < 400) return refuse(beforeCode + 1, STATUS, code);
  if (UNANSWERED[status] === true) return refuse(beforeCode + 1, ANSWERED, code);
  if (rest !== "") return refuse(beforeRest + 1, `the end: ${status} has no URL`, rest);
  return $multi({ kind: "return", status, appendRequestUri: false }, undefined);
}

/** The canonical text, which parses to the same target. */
export function printReturn(target: ReturnTarget): string {
  if (target.url === undefined) return `return ${target.status}`;
  const url = target.afterHost === undefined ? target.url : `${target.url}$host${target.afterHost}`;
  return `return ${target.status} ${url}${target.appendRequestUri ? "$request_uri" : ""}`;
}

function parseRedirect(status: number, text: string, before: number): Result<ReturnTarget, "bad_target"> {
  const [beforeUri] = string.match(text, "^(.*)%$request_uri$");
  const appendRequestUri = beforeUri !== undefined;
  const url = beforeUri ?? text;
  const [beforeHost, afterHost] = string.match(url, "^(https?://[A-Za-z0-9._-]*)%$host(.*)$");
  if (beforeHost !== undefined && afterHost !== undefined) {
    const [, err, detail] = checkAfterHost(afterHost, before + url.length - afterHost.length);
    if (err !== undefined) return $multi(undefined, err, detail);
    return $multi({ kind: "return", status, url: beforeHost, afterHost, appendRequestUri }, undefined);
  }

  const [alien] = string.find(url, NOT_IN_URL);
  if (alien !== undefined) return refuse(before + alien, URL_BYTE, string.sub(text, alien));
  if (!isAbsolute(url) && !isPath(url)) return refuse(before + 1, URL_FORM, text);
  // A URL of "/" and a request for "/evil.example/x" would give "//evil.example/x": another host.
  if (appendRequestUri && url === "/") return refuse(before + 1, "more than / before $request_uri", text);
  return $multi({ kind: "return", status, url, appendRequestUri }, undefined);
}

function checkAfterHost(text: string, before: number): Result<true, "bad_target"> {
  const [alien] = string.find(text, NOT_IN_URL);
  if (alien !== undefined) return refuse(before + alien, URL_BYTE, string.sub(text, alien));
  const [port = ""] = string.match(text, "^:[1-9]%d?%d?%d?%d?");
  const [goesOn] = string.find(text, "^[^/?#]", port.length + 1);
  if (goesOn !== undefined) return refuse(before + 1, AFTER_HOST, text);
  return $multi(true, undefined);
}

/** Whether a URL has a scheme and a host. */
function isAbsolute(url: string): boolean {
  const [start] = string.find(url, "^https?://[^/?#]");
  return start !== undefined;
}

/** Whether a URL is a path on the same host. Two slashes would begin a host. */
function isPath(url: string): boolean {
  return string.sub(url, 1, 1) === "/" && string.sub(url, 2, 2) !== "/";
}

import { Log, SafeDict } from "../ports";
import { STATE_PREFIXES } from "../state/keys";
import { mustSay } from "../state/said_once";

type Snippet = "http" | "server" | "location";

/** What older snippets lack, by the version they are of. A version that is not here lacks nothing that must be said. */
const LACKING: Readonly<Record<Snippet, LuaTable<string, string>>> = {
  http: new LuaTable(),
  server: new LuaTable(),
  location: new LuaTable(),
};
LACKING.http.set(
  "0.1.0",
  "its kept connections may take all of a small worker_connections, and a POST may meet one that closes",
);
LACKING.location.set("0.1.0", "X-Accel-Redirect, -Expires, -Limit-Rate and -Charset of backends are honoured");

/** Snippets did not say their version before 0.2.0. */
const BEFORE_VERSIONS = "0.1.0";

const SERVER_IS_MISSING =
  "signpost.server.conf is not included: nginx's own time-outs, buffers and body size apply, backends can steer nginx by " +
  "X-Accel-Redirect, and https backends are refused, because nothing verifies them";

/**
 * This Lua runs with older snippets too: people edit theirs, and keep them when they install a new version.
 *
 * @returns what says in the log what the snippets lack, at the first request of a worker; that only once for each start and
 *   reload of nginx, whatever the number of workers
 */
export function snippetCheck(state: SafeDict, log: Log): (this: void) => void {
  const check = (snippet: Snippet, version: string | undefined) => {
    const known = version === undefined || version === "" ? BEFORE_VERSIONS : version;
    const lacking = LACKING[snippet].get(known);
    if (lacking === undefined) {
      return;
    }
    sayOnce(
      snippet,
      `signpost.${snippet}.conf is of version ${known}: ${lacking}; compare it with the one of this version`,
    );
  };
  const sayOnce = (snippet: Snippet, message: string) => {
    if (mustSay(state, keyOf(snippet))) {
      log.warn(message);
    }
  };
  let isChecked = false;
  return () => {
    if (!isChecked) {
      isChecked = true;
      check("http", ngx.var.signpost_http_version);
      check("location", ngx.var.signpost_location_version);
      if (isUnverified()) {
        sayOnce("server", SERVER_IS_MISSING);
      }
    }
  };
}

/**
 * Whether https backends would not be verified here: signpost.server.conf does that, and the location snippet of 0.1.0 did
 * it itself.
 */
export function isUnverified(): boolean {
  return isSet(ngx.var.signpost_location_version) && !isSet(ngx.var.signpost_server_version);
}

/** Whether the snippets have a variable of Signpost's own for `proxy_pass`; those of 0.1.0 have not. */
export function hasOwnUpstream(): boolean {
  return ngx.var.signpost_http_version !== undefined;
}

function isSet(version: string | undefined): boolean {
  return version !== undefined && version !== "";
}

/** When nginx starts or is reloaded, before there are workers: what the snippets lack is to be said again. */
export function expectSnippetCheck(state: SafeDict): void {
  state.delete(keyOf("http"));
  state.delete(keyOf("server"));
  state.delete(keyOf("location"));
}

function keyOf(snippet: Snippet): string {
  return STATE_PREFIXES.snippet + snippet;
}

import { Log, SafeDict } from "../ports";
import { STATE_PREFIXES } from "../state/keys";
import { mustSay } from "../state/said_once";

type Snippet = "http" | "server" | "location";

/** What snippets of a version lack. A version that is not listed lacks nothing worth a line in the log. */
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

/** The version of a snippet that does not say its version. */
const BEFORE_VERSIONS = "0.1.0";

const SERVER_IS_MISSING =
  "signpost.server.conf is not included: nginx's own time-outs, buffers and body size apply, backends can steer nginx by " +
  "X-Accel-Redirect, and https backends are refused, because nothing verifies them";

/**
 * Compares the configuration's snippets with this version's. People edit their snippets and keep them when they
 * upgrade, so this Lua also runs with older ones.
 *
 * @returns a function that logs what the snippets lack. It does so at the worker's first request, and once per start
 * or reload of nginx, whatever the number of workers
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
      if (!isVerified()) {
        sayOnce("server", SERVER_IS_MISSING);
      }
    }
  };
}

/** Whether nginx verifies https backends here: signpost.server.conf does that, or the location snippet of 0.1.0. */
export function isVerified(): boolean {
  return !isSet(ngx.var.signpost_location_version) || isSet(ngx.var.signpost_server_version);
}

/**
 * Whether the http snippet has a variable of Signpost's own for `proxy_pass`, and the block that keeps no connections.
 * Every version except 0.1.0 has both.
 */
export function hasOwnUpstream(): boolean {
  return ngx.var.signpost_http_version !== undefined;
}

function isSet(version: string | undefined): boolean {
  return version !== undefined && version !== "";
}

/** Makes the next requests check every snippet again. For `init`, when nginx starts or is reloaded. */
export function expectSnippetCheck(state: SafeDict): void {
  state.delete(keyOf("http"));
  state.delete(keyOf("server"));
  state.delete(keyOf("location"));
}

function keyOf(snippet: Snippet): string {
  return STATE_PREFIXES.snippet + snippet;
}

import { Log, SharedDict } from "../ports";

type Snippet = "http" | "location";

/** What older snippets lack, by the version they are of. A version that is not here lacks nothing that must be said. */
const LACKING: Readonly<Record<Snippet, LuaTable<string, string>>> = {
  http: new LuaTable(),
  location: new LuaTable(),
};
LACKING.location.set("0.1.0", "X-Accel-Redirect, -Expires, -Limit-Rate and -Charset of backends are honoured");

/** Snippets did not say their version before 0.2.0. */
const BEFORE_VERSIONS = "0.1.0";

/**
 * This Lua runs with older snippets too: people edit theirs, and keep them when they install a new version.
 *
 * @returns what says in the log what the snippets lack, at the first request of a worker; that only once for each start and
 *   reload of nginx, whatever the number of workers
 */
export function snippetCheck(state: SharedDict, log: Log): (this: void) => void {
  const check = (snippet: Snippet, version: string | undefined) => {
    const known = version === undefined || version === "" ? BEFORE_VERSIONS : version;
    const lacking = LACKING[snippet].get(known);
    if (lacking === undefined) {
      return;
    }
    const [isFirst] = state.add(keyOf(snippet), known);
    if (isFirst) {
      log.warn(`signpost.${snippet}.conf is of version ${known}: ${lacking}; compare it with the one of this version`);
    }
  };
  let isChecked = false;
  return () => {
    if (!isChecked) {
      isChecked = true;
      check("http", ngx.var.signpost_http_version);
      check("location", ngx.var.signpost_location_version);
    }
  };
}

/** When nginx starts or is reloaded, before there are workers: what the snippets lack is to be said again. */
export function expectSnippetCheck(state: SharedDict): void {
  state.delete(keyOf("http"));
  state.delete(keyOf("location"));
}

function keyOf(snippet: Snippet): string {
  return `snippet:${snippet}`;
}

import type { Health } from "../health/health";
import { earlierAssignment, mainRequest, release } from "./assignment";
import { countRuns } from "./attempts";
import { conclude } from "./finish";

/** What beginning a run needs. */
export interface BeginParts {
  readonly health: Health;
}

/**
 * Begins a run of `proxy_pass`: ends the request's assignment from before an internal redirect.
 *
 * @param id the request's; see `requestId`
 * @returns the run's index in nginx's lists, and the main request of a subrequest; see `Assignment`
 */
export function beginRun(id: number, parts: BeginParts): LuaMultiReturn<[run: number, main: string]> {
  const isInternal = ngx.req.is_internal();
  const main = isInternal ? mainRequest() : "";
  const before = earlierAssignment(id, isInternal, main, parts);
  if (before !== undefined) {
    // Before the report: a turn that was given back may be taken again at once.
    release();
    conclude(before, parts.health);
  }
  if (before !== undefined || main !== "") {
    resetVariables();
  }
  return $multi(isInternal ? countRuns(ngx.var.upstream_status) : 0, main);
}

/**
 * Resets the variables: after an internal redirect they still have the values of the run before, and a subrequest
 * shares them with its main request.
 */
function resetVariables(): void {
  ngx.var.signpost_scheme = "http";
  ngx.var.signpost_host = ngx.var.http_host ?? "";
  ngx.var.signpost_route = ngx.var.host ?? "";
  ngx.var.signpost_pool = "";
  ngx.var.signpost_cache = "memory";
}

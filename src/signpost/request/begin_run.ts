import type { Health } from "../health/health";
import { earlierAssignment, FIRST_RUN, mainRequest, type ProxyRun, release } from "./assignment";
import { countRuns } from "./attempts";
import { conclude } from "./finish";

/** Ends what was assigned to the request before an internal redirect. */
export function beginRun(id: number, health: Health): ProxyRun {
  const isInternal = ngx.req.is_internal();
  const main = isInternal ? mainRequest() : "";
  const before = earlierAssignment(id, isInternal, main, health);
  if (before !== undefined) {
    // Before the report: a turn that was given back may be taken again at once.
    release();
    conclude(before, health);
  }
  if (before !== undefined || main !== "") {
    resetVariables();
  }
  return isInternal ? { run: countRuns(ngx.var.upstream_status), main } : FIRST_RUN;
}

/**
 * After an internal redirect the variables are as the request has left them; and a subrequest shares them with its main
 * request.
 */
function resetVariables(): void {
  ngx.var.signpost_scheme = "http";
  ngx.var.signpost_host = ngx.var.http_host ?? "";
  ngx.var.signpost_route = ngx.var.host ?? "";
  ngx.var.signpost_pool = "";
  ngx.var.signpost_cache = "memory";
}

/**
 * Signpost: dynamic nginx upstreams, kept in Redis. The functions are nginx's phases, in the order nginx runs them.
 */
import { log as logger } from "./signpost/platform/log";
import { nodeId } from "./signpost/request/node_id";
import { sharedZones, Zones } from "./signpost/platform/shared_dict";
import { PartsOfRequest } from "./signpost/request/clone";
import { logRequest } from "./signpost/request/finish";
import { refuseUnready } from "./signpost/request/answer";
import { expectSnippetCheck } from "./signpost/request/snippet_versions";
import { showStatus } from "./signpost/request/show_status";
import { partsChooser, rewriter } from "./signpost/request/tables";
import { readSettings, Settings } from "./signpost/settings/settings";
import { exposition } from "./signpost/telemetry/exposition";
import { newGeneration } from "./signpost/state/lease";
import { buildWorker, fillFromFiles, isTracking, startBackground, Worker } from "./signpost/wiring/worker";

let ready: { readonly settings: Settings; readonly zones: Zones; readonly generation: number } | undefined;
let worker: Worker | undefined;
let rewriteNow: (this: void) => void = refuseUnready;
let partsNow: PartsOfRequest = () => undefined;

/**
 * Checks the settings and remembers them. Raises with all their problems in one message: nginx then does not start, or
 * keeps the old settings on a reload.
 *
 * Context: `init_by_lua`.
 * @param given the settings by name; see the README's table
 */
export function init(given: unknown): void {
  const [settings, err, problems] = readSettings(given);
  if (err !== undefined) {
    error(`signpost: ${err}: ${problems}`, 2);
  }
  const [zones, missing, detail] = sharedZones();
  if (missing !== undefined) {
    error(`signpost: ${missing}: ${detail}`, 2);
  }
  fillFromFiles(settings, zones);
  expectSnippetCheck(zones.state);
  nodeId(zones.state); // called before there are workers, so that all of them share it
  ready = { settings, zones, generation: newGeneration(zones.state) };
}

/**
 * Builds the worker's parts and starts the background tasks.
 *
 * Context: `init_worker_by_lua`.
 */
export function init_worker(): void {
  const { settings, zones, generation } = initialised();
  worker = buildWorker(settings, zones, generation);
  rewriteNow = rewriter(worker.parts, worker.tables, logger);
  partsNow = partsChooser(worker.parts, worker.tables);
  startBackground(worker);
}

/**
 * Chooses a backend by the route of `$host` and sets `$upstream`, or answers the request here.
 *
 * Context: `rewrite_by_lua_file` on `phases/rewrite.lua`.
 */
export function rewrite(): void {
  rewriteNow();
}

/**
 * Hands nginx the peer that `rewrite` has chosen, or after a failure another one.
 *
 * Context: `balancer_by_lua_file` on `phases/balancer.lua`, in the upstream block.
 */
export function balancer(): void {
  if (worker === undefined) {
    refuseUnready();
  } else {
    worker.balance(worker.health, partsNow);
  }
}

/**
 * Reports how the request ended, for the health of the peer that it was sent to.
 *
 * Context: `log_by_lua_file` on `phases/log.lua`.
 */
export function log(): void {
  if (worker !== undefined) {
    logRequest(worker.health);
  }
}

/**
 * Answers with the node's counters in the Prometheus text format.
 *
 * Context: `content_by_lua_file` on `phases/status.lua`.
 */
export function status(): void {
  const { settings, zones } = initialised();
  showStatus(nodeId(zones.state), exposition(zones.state, isTracking(settings, zones)));
}

function initialised() {
  return ready ?? error("signpost: init { … } has not been called in init_by_lua", 3);
}

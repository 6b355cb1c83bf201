/**
 * The decision about a request: which backend it goes to, or how it is answered, and why.
 *
 * It acts on the outside world only through its parameters: a `RequestReader` reads nginx, look-ups find routes and
 * pools, and the chooser counts the request for the peer that it gives.
 */
import type { LookUpFailure } from "../cache/lookup";
import type { ReturnTarget } from "../format/return_target";
import type { FailureWord } from "../result";
import { isHost } from "../routing/names";
import { entryFor } from "../routing/path_entry";
import type { PathlessPlan, Plan, PlanWithRules } from "../routing/plan";
import { replacePrefix } from "../routing/replace_prefix";
import { type DecideParts, type Decision, type Draft, refuse } from "./decision";
import { httpsLocation, httpsStatus, leadsToItself, locationOf } from "./redirect";
import type { RequestReader } from "./request_reader";
import { sendToPool } from "./send_to_pool";

/**
 * Decides about one request. Yields if Redis is asked.
 *
 * @param host nginx's `$host`
 * @param draft becomes the decision; no other request may use it meanwhile
 */
export function decide(parts: DecideParts, request: RequestReader, host: string, draft: Draft): Decision {
  const [found, err, level, detail] = parts.lookUp(host);
  draft.level = level;
  draft.entry = undefined;
  draft.poolName = "";
  if (err !== undefined) {
    draft.route = "";
    refuse(draft, wordOf(err, isHost(host) ? "no_route" : "bad_host"), detail);
    return draft as Decision;
  }
  draft.route = found.name;
  const plan = found.compiled.value;
  if (plan.kind === "backends") {
    sendToPool(parts, request, plan, found.clock, draft);
  } else {
    follow(parts, request, planAt(plan, request, draft), found.clock, draft);
  }
  return draft as Decision;
}

/** @returns what the route says for the request's path */
function planAt(route: Plan, request: RequestReader, draft: Draft): PathlessPlan {
  if (route.kind !== "paths") return route;
  const entry = entryFor(route.paths, request.uri(), request.target(), request.isInternal);
  draft.entry = entry;
  return entry.to;
}

/** @param clock the change clock that the plan is valid for */
function follow(parts: DecideParts, request: RequestReader, plan: PathlessPlan, clock: number, draft: Draft): void {
  if (plan.kind === "backends") {
    sendToPool(parts, request, plan, clock, draft);
  } else if (plan.kind === "pool_ref") {
    followPool(parts, request, plan.name, draft);
  } else if (plan.kind === "with_rules") {
    followRules(parts, request, plan, clock, draft);
  } else if (plan.kind === "fail") {
    refuse(draft, plan.word);
  } else {
    answerReturn(request, plan, draft);
  }
}

function followPool(parts: DecideParts, request: RequestReader, name: string, draft: Draft): void {
  draft.poolName = name;
  const [found, err, , detail] = parts.lookUpPool(name);
  if (err !== undefined) {
    refuse(draft, wordOf(err, "no_pool"), detail);
    return;
  }
  const plan = found.compiled.value;
  if (plan.kind === "backends") {
    sendToPool(parts, request, plan, found.clock, draft);
  } else {
    refuse(draft, "bad_route");
  }
}

function followRules(
  parts: DecideParts,
  request: RequestReader,
  plan: PlanWithRules,
  clock: number,
  draft: Draft,
): void {
  const { path, isHttpsOnly, to } = plan;
  if (isHttpsOnly && request.scheme() !== "https") {
    answer(draft, httpsStatus(request), httpsLocation(request));
    return;
  }
  if (path === undefined) {
    follow(parts, request, to, clock, draft);
    return;
  }
  const target = replacePrefix(path, request.uri(), request.target(), request.args());
  if (target === undefined) {
    refuse(draft, "bad_path");
    return;
  }
  follow(parts, request, to, clock, draft);
  if (draft.kind === "send") draft.upstream += target;
}

function answerReturn(request: RequestReader, to: ReturnTarget, draft: Draft): void {
  const location = locationOf(to, request);
  if (location !== undefined && leadsToItself(location, request)) {
    refuse(draft, "loop");
  } else {
    answer(draft, to.status, location);
  }
}

function answer(draft: Draft, status: number, location: string | undefined): void {
  draft.kind = "answer";
  draft.pool = undefined;
  draft.status = status;
  draft.location = location;
}

function wordOf(err: LookUpFailure, notFound: FailureWord): FailureWord {
  return err === "not_found" ? notFound : err;
}

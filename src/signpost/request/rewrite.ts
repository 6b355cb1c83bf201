import { act, type ActParts } from "./act";
import { answerFailure, answerHere, type Refusals } from "./answer";
import { assign, requestId } from "./assignment";
import { beginRun } from "./begin_run";
import type { CloneParts } from "./clone";
import { decide } from "./decide";
import { type DecideParts, newDraft } from "./decision";
import { nginxRequest } from "./nginx_request";

/** What the rewrite phase needs of the worker. */
export interface RewriteParts extends CloneParts, DecideParts, ActParts {
  readonly refusals: Refusals;
}

/**
 * The table of the last decision. Absent while a request that waits for Redis uses it: the next request then makes
 * another.
 */
let spare: ReturnType<typeof newDraft> | undefined;

/** Sends the request where its host's route says, or answers it here. */
export function rewriteRequest(parts: RewriteParts): void {
  const id = requestId();
  const [run, main] = beginRun(id, parts);
  const host = ngx.var.host ?? "";
  const draft = spare ?? newDraft();
  spare = undefined;
  const decision = decide(parts, nginxRequest, host, draft);
  // Nothing below yields: no other request writes to the table before this one has acted on it.
  spare = draft;
  act(parts, host, decision);
  if (decision.kind === "send") {
    assign(id, decision, run, main);
  } else if (decision.kind === "refuse") {
    answerFailure(decision.word, parts.refusals);
  } else {
    answerHere(decision.status, decision.location);
  }
}

import { Log } from "../ports";
import { quote } from "../text/complaint";
import { answerFailure } from "./answer";
import { RewriteParts, rewriteRequest } from "./rewrite";

/** What its lines in the log are about: they are then repeated once a minute, whatever a client can make of the name. */
const SUBJECT = "signpost_table";

/**
 * @param tables what each further table has in place of `parts`, by name; nothing: there are none
 * @returns the rewrite phase. Without further tables, a request is not even asked which one it is for.
 */
export function rewriter(
  parts: RewriteParts,
  tables: LuaMap<string, RewriteParts> | undefined,
  log: Log,
): (this: void) => void {
  if (tables === undefined) {
    return () => {
      rewriteRequest(parts);
    };
  }
  const chosenParts = partsChooser(parts, tables);
  return () => {
    const chosen = chosenParts();
    if (chosen === undefined) {
      log.error(
        `$signpost_table is ${quote(ngx.var.signpost_table ?? "")}, and init has no such table: such requests are refused`,
        SUBJECT,
      );
      ngx.var.signpost_route = "";
      answerFailure("bad_route", parts.refusals);
    } else {
      rewriteRequest(chosen);
    }
  };
}

/** @returns what the request's table has; nothing if there is no such table. */
export function partsChooser(
  parts: RewriteParts,
  tables: LuaMap<string, RewriteParts> | undefined,
): (this: void) => RewriteParts | undefined {
  return () => {
    const name = ngx.var.signpost_table ?? "";
    return tables === undefined || name === "" ? parts : tables.get(name);
  };
}

/**
 * Where init has no tables: says that `$signpost_table` chooses none.
 *
 * @returns to be called for requests that the worker's memory cannot answer
 */
export function tableCheck(log: Log): (this: void) => void {
  return () => {
    const name = ngx.var.signpost_table ?? "";
    if (name !== "") {
      log.error(`$signpost_table is ${quote(name)}, and init has no tables: the default one is used`, SUBJECT);
    }
  };
}

import { Log } from "../ports";
import { quote } from "../text/complaint";
import { answerFailure } from "./answer";
import { RewriteParts, rewriteRequest } from "./rewrite";

/** The subject of these log lines: each is logged once a minute, even if clients can vary the table's name. */
const SUBJECT = "signpost_table";

/**
 * Makes the rewrite phase: it chooses the request's table and decides by that. Without further tables it does not read
 * `$signpost_table`.
 *
 * @param parts the default table's
 * @param tables those of each further table, by name; nothing if there are none
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

/** @returns a function that returns the parts of the request's table, or nothing if there is no such table */
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
 * For settings without tables. Logs that `$signpost_table` chooses none.
 *
 * @returns a function to call for requests that the worker's memory cannot answer
 */
export function tableCheck(log: Log): (this: void) => void {
  return () => {
    const name = ngx.var.signpost_table ?? "";
    if (name !== "") {
      log.error(`$signpost_table is ${quote(name)}, and init has no tables: the default one is used`, SUBJECT);
    }
  };
}

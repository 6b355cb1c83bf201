import { Reply } from "../ports";
import { Result } from "../result";
import { parseTarget } from "../routing/target";
import { Reading } from "./reading";

const ABSENT: Reading = { kind: "absent" };

/**
 * What the replies to one key's `TYPE` and `GET` say. The two are not one transaction: `GET` is believed, and `TYPE`
 * only names what is not a string.
 *
 * `redis_down`: Redis answered, but not the question (`NOPERM`, `LOADING`, `MASTERDOWN`, …). Nothing may be taken for
 * absent then: only a nil is Redis's word that there is no key.
 */
export function readingOf(key: string, typeReply: Reply, getReply: Reply): Result<Reading, "redis_down"> {
  if (getReply.kind === "nil") {
    return $multi(ABSENT, undefined);
  }
  if (getReply.kind === "text") {
    return $multi(readTarget(getReply.text), undefined);
  }
  const problem = getReply.kind === "error" ? getReply.message : "expected a text, got a list";
  const [wrongType] = string.find(problem, "^WRONGTYPE");
  if (wrongType === undefined) {
    return $multi(undefined, "redis_down", `GET ${key}: ${problem}`);
  }
  const found = typeReply.kind === "text" ? `a ${typeReply.text}` : "another type";
  return $multi(readOther(found), undefined);
}

/** @returns what a value of another type than string says; `found` is the type with its article. */
export function readOther(found: string): Reading {
  return { kind: "bad", reason: `expected a string with a target, found ${found}` };
}

/** @returns what a string value says. */
export function readTarget(text: string): Reading {
  const [target, err, detail] = parseTarget(text);
  if (err !== undefined) {
    return { kind: "bad", reason: detail };
  }
  if (target.kind === "pool") {
    return { kind: "bad", reason: `expected an address or a return, found the pool @${target.name}` };
  }
  return { kind: "route", text };
}

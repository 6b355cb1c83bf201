import type { Result } from "../result";
import { type Address, printAddress } from "./address";
import { isUsualBackend, parseUsualBackend } from "./backend";
import { parseTargetPath } from "./target_path";
import { parseWords } from "./words";
import { refuse } from "../text/complaint";
import { parseReturn, printReturn, type ReturnTarget } from "./return_target";

/**
 * The target of a route.
 *
 * A target returned by `parseTarget` is safe to pass to nginx. Every string in it consists only of allowed bytes, and
 * contains no control byte, blank, quote, `$`, `;`, `{` or `}`. So no value in Redis can add a variable or a second
 * directive to what nginx receives. Every extension of the grammar must keep this; the specs check it.
 */
export type Target = PeersTarget | PoolTarget | ReturnTarget;

/** The optional parts of a target that is addresses or a pool. */
interface Rules {
  /** Replaces the prefix that the route matched; begins with a slash. */
  readonly path?: string | undefined;
  /** Whether http requests are redirected to https. */
  readonly httpsOnly?: true;
}

/** Backends of equal weight, in the order written; at least one. */
export interface PeersTarget extends Rules {
  readonly kind: "peers";
  readonly peers: readonly Address[];
}

/** A pool, by its name: 1 to 128 letters, digits, `.`, `_`, `-`, `:`. */
export interface PoolTarget extends Rules {
  readonly kind: "pool";
  readonly name: string;
}

/** The maximum length of a target, in bytes, both as written and as printed: a printed target can be parsed again. */
export const TARGET_BYTES = 4096;

/** The maximum length of a pool's name, in bytes. */
export const POOL_NAME_BYTES = 128;

/**
 * Reads a target. Its forms are: addresses; `@pool`; `return CODE`; `return CODE URL`. Addresses and `@pool` may have a
 * path after them, and `https_only` before them.
 *
 * @param text at most 4096 bytes; blanks (space, tab) around the target are ignored
 * @returns `bad_target` with the position, what was expected and what was found
 */
export function parseTarget(text: string): Result<Target, "bad_target"> {
  const usual = parseUsualBackend(text);
  if (usual !== undefined) return $multi({ kind: "peers", peers: [usual] }, undefined);
  const [start, err, detail] = findStart(text, TARGET_BYTES, "a target");
  if (err !== undefined) return $multi(undefined, err, detail);
  return parseForm(trimmedFrom(text, start), start - 1);
}

/**
 * Reads addresses in the syntax of a target. The text may be longer than a target, and no path but `/` is allowed.
 *
 * @param maxBytes the maximum length of the text, both as written and as printed
 * @returns at least one address, in the order written; `bad_target` with the position, what was expected and what was
 * found
 */
export function parseAddresses(text: string, maxBytes: number): Result<readonly Address[], "bad_target"> {
  const [start, err, detail] = findStart(text, maxBytes, "an address");
  if (err !== undefined) return $multi(undefined, err, detail);
  const [words, wordsErr, wordsDetail] = parseWords(trimmedFrom(text, start), start - 1, maxBytes, true);
  if (wordsErr !== undefined) return $multi(undefined, wordsErr, wordsDetail);
  if (words.path !== "") return refuse(start, "addresses without a path", words.path);
  return $multi(words.addresses, undefined);
}

/** The canonical text of a target: `parseTarget(printTarget(target))` returns the same target. */
export function printTarget(target: Target): string {
  if (target.kind === "return") return printReturn(target);
  const path = target.path ?? "";
  const condition = target.httpsOnly === true ? "https_only " : "";
  if (target.kind === "pool") return `${condition}@${target.name}${path}`;
  const texts: string[] = [];
  for (const peer of target.peers) texts.push(printAddress(peer) + path);
  return condition + table.concat(texts, " ");
}

/** Reads a target as `parseTarget` does. @returns its canonical text; see `printTarget` */
export function canonicalTarget(text: string): Result<string, "bad_target"> {
  if (isUsualBackend(text)) return $multi(text, undefined);
  const [target, err, detail] = parseTarget(text);
  if (err !== undefined) return $multi(undefined, err, detail);
  return $multi(printTarget(target), undefined);
}

/** @returns the position of the first byte that is not a blank, from 1 */
function findStart(text: string, maxBytes: number, wanted: string): Result<number, "bad_target"> {
  if (text.length > maxBytes) {
    return refuse(maxBytes + 1, `no more than ${maxBytes} bytes`, string.sub(text, maxBytes + 1));
  }
  const [alien] = string.find(text, "[^\t -~]");
  if (alien !== undefined) return refuse(alien, "only printable ASCII in a target", string.sub(text, alien));
  const [start] = string.find(text, "[^ \t]");
  if (start === undefined) return refuse(1, wanted, text);
  return $multi(start, undefined);
}

function trimmedFrom(text: string, start: number): string {
  const [trimmed = ""] = string.match(text, ".*[^ \t]", start);
  return trimmed;
}

/** @param before bytes before the text in what the user wrote */
function parseForm(text: string, before: number): Result<Target, "bad_target"> {
  const [firstWord = ""] = string.match(text, "^[^ \t]*");
  if (firstWord === "return") return parseReturn(text, before);
  if (firstWord !== "https_only") return parseBackends(text, before);
  const [intro = ""] = string.match(text, "^https_only[ \t]*");
  const rest = string.sub(text, intro.length + 1);
  const [word] = string.match(rest, "^[^ \t]*");
  if (rest === "" || word === "return" || word === "https_only")
    return refuse(before + intro.length + 1, BACKENDS, rest);
  const [to, err, detail] = parseBackends(rest, before + intro.length);
  if (err !== undefined) return $multi(undefined, err, detail);
  return $multi(httpsOnly(to), undefined);
}

const BACKENDS = "addresses or @pool after https_only";

/** Copies field by field, because an object spread needs TypeScriptToLua's runtime library. */
function httpsOnly(to: PeersTarget | PoolTarget): Target {
  const { path } = to;
  if (to.kind === "pool") return { kind: "pool", name: to.name, path, httpsOnly: true };
  return { kind: "peers", peers: to.peers, path, httpsOnly: true };
}

function parseBackends(text: string, before: number): Result<PeersTarget | PoolTarget, "bad_target"> {
  if (string.sub(text, 1, 1) === "@") return parsePool(text, before);
  const [words, err, detail] = parseWords(text, before, TARGET_BYTES, false);
  if (err !== undefined) return $multi(undefined, err, detail);
  if (words.path === "") return $multi({ kind: "peers", peers: words.addresses }, undefined);
  return $multi({ kind: "peers", peers: words.addresses, path: words.path }, undefined);
}

function parsePool(text: string, before: number): Result<PoolTarget, "bad_target"> {
  const [name = "", rest = ""] = string.match(text, "^@([^/]*)(.*)$");
  if (name === "" || name.length > POOL_NAME_BYTES) {
    return refuse(before + 2, `a pool name of 1 to ${POOL_NAME_BYTES} bytes`, name);
  }
  const [alien] = string.find(name, "[^A-Za-z0-9._:-]");
  if (alien !== undefined) {
    return refuse(before + 1 + alien, "a letter, digit, dot, _, - or : in a pool name", string.sub(name, alien));
  }
  if (rest === "") return $multi({ kind: "pool", name }, undefined);
  const [path, err, detail] = parseTargetPath(rest, before + 1 + name.length);
  if (err !== undefined) return $multi(undefined, err, detail);
  return $multi({ kind: "pool", name, path }, undefined);
}

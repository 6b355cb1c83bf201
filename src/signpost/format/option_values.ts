import { parseAddress } from "./address";
import { matches, wholeNumber } from "../text/scan";
import { numberText } from "../text/numbers";
import type { POOL_OPTIONS, PoolOption } from "./pool_options";

/** The part of a request that selects its member. */
export interface HashOn {
  /**
   * The nginx variable that holds it: `remote_addr`, `uri`, `http_…` in lower case or `cookie_…`. The last two contain
   * an HTTP token. Look the name up, but never write it into nginx's configuration, because a token may contain `$`.
   */
  readonly variable: string;
}

/** What counts as a failure of a member. */
export interface FailOn {
  readonly connect: boolean;
  readonly timeout: boolean;
  readonly statuses: StatusSet;
}

/** A set of HTTP statuses. A number from 1 to 5 stands for the whole class. Query it with `hasStatus`. */
export type StatusSet = Readonly<Record<number, true | undefined>>;

/** An option's value and its canonical text, which parses to the same value. */
export interface OptionValue {
  readonly value: unknown;
  readonly text: string;
}

type Options = typeof POOL_OPTIONS;

interface Kinds {
  integer: number;
  number: number;
  hash_on: HashOn;
  host: string;
  path: string;
  failures: FailOn;
  statuses: StatusSet;
}

type Value<O extends PoolOption> = O extends { choices: readonly (infer Word)[] }
  ? Word
  : Kinds[Exclude<O["kind"], "choice">];

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The value of every option, by its name in camelCase. An option without a fallback may be absent. */
export type OptionValues = {
  readonly [Name in keyof Options as CamelCase<Name>]:
    Value<Options[Name]> | (Options[Name] extends { fallback: string } ? never : undefined);
};

const TOKEN_BYTES = 128;

const PATH_BYTES = 1024;

/** @returns nothing if `text` is not what `expectation(option)` describes */
export function readOption(option: PoolOption, text: string): OptionValue | undefined {
  if (option.kind === "integer") {
    const value = wholeNumber(text, option.min, option.max);
    if (value === undefined) return undefined;
    return { value, text };
  }
  if (option.kind === "number") return readNumber(text, option.min, option.max);
  if (option.kind === "choice") return readChoice(text, option.choices);
  return FORMS[option.kind](text);
}

/** Whether the set contains the status or its class. */
export function hasStatus(statuses: StatusSet, status: number): boolean {
  return statuses[status] === true || statuses[math.floor(status / 100)] === true;
}

const FORMS = { hash_on: readHashOn, host: readHost, path: readPath, failures: readFailures, statuses: readStatuses };

/** Reads a decimal number without sign, exponent or leading zeros. */
function readNumber(text: string, min: number, max: number): OptionValue | undefined {
  const isDecimal = matches(text, "^%d+$") || matches(text, "^%d+%.%d+$");
  const value = isDecimal && !matches(text, "^0%d") ? tonumber(text) : undefined;
  if (value === undefined || value < min || value > max) return undefined;
  return { value, text: numberText(value) };
}

function readChoice(text: string, choices: readonly string[]): OptionValue | undefined {
  for (const choice of choices) {
    if (text === choice) return { value: choice, text };
  }
  return undefined;
}

function readHashOn(text: string): OptionValue | undefined {
  if (text === "ip") return { value: { variable: "remote_addr" }, text };
  if (text === "uri") return { value: { variable: "uri" }, text };
  const [kind, written = ""] = string.match(text, "^(%l+):([%w!#$%%&'*+.^_`|~-]+)$");
  if ((kind !== "header" && kind !== "cookie") || written.length > TOKEN_BYTES) return undefined;
  const name = kind === "header" ? string.lower(written) : written;
  const [underscored] = string.gsub(name, "-", "_");
  return { value: { variable: kind === "header" ? `http_${underscored}` : `cookie_${name}` }, text: `${kind}:${name}` };
}

function readHost(text: string): OptionValue | undefined {
  const [scheme] = string.find(text, "//", 1, true);
  const [address, err] = parseAddress(text);
  if (scheme !== undefined || err !== undefined) return undefined;
  const host = address.form === "ipv6" ? `[${address.host}]` : address.host;
  // The host is sent as written: no port is added to it, not even 80.
  const value = matches(text, ":%d+$") ? `${host}:${address.port}` : host;
  return { value, text: value };
}

function readPath(text: string): OptionValue | undefined {
  return text.length <= PATH_BYTES && matches(text, "^/[!-~]*$") ? { value: text, text } : undefined;
}

function readFailures(text: string): OptionValue | undefined {
  const words = wordsOf(text);
  const statuses: Record<number, true> = {};
  for (const word of words) {
    const status = wholeNumber(word, 500, 599);
    if (status !== undefined) statuses[status] = true;
    else if (word !== "connect" && word !== "timeout") return undefined;
  }
  const value: FailOn = { connect: has(words, "connect"), timeout: has(words, "timeout"), statuses };
  if (words.length === 0) return undefined;
  return { value, text: table.concat(words, " ") };
}

function readStatuses(text: string): OptionValue | undefined {
  const words = wordsOf(text);
  const value: Record<number, true> = {};
  for (const word of words) {
    const [digit] = string.match(word, "^([1-5])xx$");
    const status = digit === undefined ? wholeNumber(word, 100, 599) : tonumber(digit);
    if (status === undefined) return undefined;
    value[status] = true;
  }
  if (words.length === 0) return undefined;
  return { value, text: table.concat(words, " ") };
}

/** The words between the blanks, sorted, without duplicates. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  const seen = new LuaSet<string>();
  for (const [word = ""] of string.gmatch(text, "[^ \t]+")) {
    if (!seen.has(word)) words.push(word);
    seen.add(word);
  }
  table.sort(words);
  return words;
}

function has(words: readonly string[], wanted: string): boolean {
  for (const word of words) {
    if (word === wanted) return true;
  }
  return false;
}

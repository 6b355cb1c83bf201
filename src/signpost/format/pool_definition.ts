import type { Result } from "../result";
import { type Address, printAddress } from "./address";
import { BACKENDS_BYTES, MOST_BACKENDS, parseMember } from "./backend";
import { quote } from "../text/complaint";
import { type Field, fieldsOf, parseFields, printFields, sizeProblem, sorted } from "./fields";
import { withoutLineEnd } from "../text/line_end";
import { parseAddresses } from "./target";
import { nearest } from "../text/nearest";
import { matches, wholeNumber } from "../text/scan";
import { type HashOn, type OptionValue, type OptionValues, readOption } from "./option_values";
import { expectation, POOL_OPTIONS, type PoolOption } from "./pool_options";

/** The definition of a pool: its members, and each option's value or fallback. */
export interface PoolDefinition {
  /** At least one, without duplicates, sorted by printed address. */
  readonly members: readonly PoolMember[];
  /** One shared table for all pools that set no option. */
  readonly options: OptionValues;
}

/** One backend of a pool. */
export interface PoolMember {
  readonly address: Address;
  /** 0 to 1000, or the number of times a route names the address. 0 drains the member: it gets no new requests. */
  readonly weight: number;
  /** It gets requests only when no member without `backup` can take them. */
  readonly isBackup?: true;
}

/** A pool while it is being read. */
interface Draft {
  readonly members: PoolMember[];
  /** The printed addresses of the members. */
  readonly taken: LuaSet<string>;
  /** The options that are set, by their names in Redis. */
  readonly options: LuaMap<string, OptionValue>;
}

/** The maximum size of a pool, in bytes. It applies to the value as written and to the text printed from it. */
export const POOL_BYTES = BACKENDS_BYTES;

const MOST_WEIGHT = 1000;

const OPTIONS: Readonly<Record<string, PoolOption | undefined>> = POOL_OPTIONS;

const [OPTION_NAMES, FALLBACKS] = namesAndFallbacks();

/** The option values of a pool that sets no option. */
export const NO_OPTIONS = optionValues(new LuaMap());

/**
 * Reads a pool from a hash. A field is an address with its weight, which `backup` may follow, or an option with its
 * value.
 *
 * A field name that contains a dot, a colon, an opening bracket or a slash is an address; any other is an option. So a
 * member whose name has no dot needs its port, and a misspelt option is never read as a host.
 *
 * @param flat the reply to `HGETALL`: at most 1024 members and 65,536 bytes
 * @returns the pool's text, independent of the order of the fields; `bad_pool` with the field, what was expected and
 * what was found
 */
export function poolFromHash(flat: readonly string[]): Result<string, "bad_pool"> {
  const count = math.ceil(flat.length / 2);
  if (count > MOST_BACKENDS + OPTION_NAMES.length) return bad(tooManyMembers(`${count} fields`));
  const problem = sizeProblem(flat, POOL_BYTES);
  if (problem !== undefined) return bad(problem);
  const [draft, err, detail] = readFields(fieldsOf(flat));
  if (err !== undefined) return $multi(undefined, err, detail);
  return printDraft(draft);
}

/** Reads a pool from a set of addresses of equal weight, with the same limits and results as `poolFromHash`. */
export function poolFromSet(members: readonly string[]): Result<string, "bad_pool"> {
  const problem = limitsProblem(members);
  if (problem !== undefined) return bad(problem);
  const draft = newDraft();
  for (const member of sorted(members)) {
    const mistake = addMember(draft, member, 1);
    if (mistake !== undefined) return bad(`member ${quote(member)}: ${mistake}`);
  }
  return printDraft(draft);
}

/**
 * Reads a pool from a list of addresses of equal weight. Unlike the list of a route, it has no label.
 *
 * @returns the pool's text, which does not keep the order of the list, because members have no order; `bad_pool` with
 * the item's index in Redis, from 0
 */
export function poolFromList(items: readonly string[]): Result<string, "bad_pool"> {
  const problem = limitsProblem(items);
  if (problem !== undefined) return bad(problem);
  const draft = newDraft();
  for (const i of $range(0, items.length - 1)) {
    const mistake = addMember(draft, items[i] ?? "", 1);
    if (mistake !== undefined) return bad(`item ${i}: ${mistake}`);
  }
  return printDraft(draft);
}

/**
 * Reads a pool from a string: addresses of equal weight, separated as in a target. `bad_pool` has the position of a
 * syntax error.
 */
export function poolFromString(text: string): Result<string, "bad_pool"> {
  const [addresses, err, detail] = parseAddresses(withoutLineEnd(text), POOL_BYTES);
  if (err !== undefined) return bad(detail);
  const draft = newDraft();
  for (const address of addresses) {
    const mistake = addAddress(draft, address, 1);
    if (mistake !== undefined) return bad(mistake);
  }
  return printDraft(draft);
}

/**
 * Parses a pool's text into its definition.
 *
 * @param text a text that one of the functions above returned
 * @returns `bad_pool` for any other text
 */
export function compilePool(text: string): Result<PoolDefinition, "bad_pool"> {
  const fields = parseFields(text);
  if (fields === undefined) return bad(`expected lines of a field, a tab and a value, got ${quote(text)}`);
  const [draft, err, detail] = readFields(fields);
  if (err !== undefined) return $multi(undefined, err, detail);
  return $multi(definitionOf(draft), undefined);
}

/**
 * The pool of a route that names addresses instead of a pool. Every option has its fallback. An address named twice has
 * weight 2.
 *
 * @param addresses at least one
 */
export function definitionOfAddresses(addresses: readonly Address[]): PoolDefinition {
  const byText = new LuaMap<string, PoolMember>();
  for (const address of addresses) {
    const text = printAddress(address);
    byText.set(text, { address, weight: (byText.get(text)?.weight ?? 0) + 1 });
  }
  const draft = newDraft();
  for (const [, member] of byText) draft.members.push(member);
  table.sort(draft.members, (a, b) => printAddress(a.address) < printAddress(b.address));
  return definitionOf(draft);
}

/** @returns an error message if there are too many members or bytes, or nothing */
function limitsProblem(members: readonly string[]): string | undefined {
  return members.length > MOST_BACKENDS ? tooManyMembers(`${members.length}`) : sizeProblem(members, POOL_BYTES);
}

function readFields(fields: readonly Field[]): Result<Draft, "bad_pool"> {
  const draft = newDraft();
  for (const { name, value } of fields) {
    const problem = matches(name, "[.:%[/]") ? addWeighted(draft, name, value) : addOption(draft, name, value);
    if (problem !== undefined) return bad(`field ${quote(name)}: ${problem}`);
  }
  const problem = hashOnProblem(draft);
  if (problem !== undefined) return bad(problem);
  return $multi(draft, undefined);
}

function newDraft(): Draft {
  return { members: [], taken: new LuaSet(), options: new LuaMap() };
}

/** @returns an error message about the address or the weight, or nothing */
function addWeighted(draft: Draft, member: string, written: string): string | undefined {
  const [beforeBackup] = string.match(written, "^(%d+)[ \t]+backup$");
  const weight = wholeNumber(beforeBackup ?? written, 0, MOST_WEIGHT);
  if (weight === undefined) {
    return `expected a weight, an integer from 0 to ${MOST_WEIGHT}, got ${quote(written)}; after it may stand backup`;
  }
  return addMember(draft, member, weight, beforeBackup !== undefined);
}

function addMember(draft: Draft, member: string, weight: number, isBackup = false): string | undefined {
  const [address, err, detail] = parseMember(member);
  return err === undefined ? addAddress(draft, address, weight, isBackup) : detail;
}

function addAddress(draft: Draft, address: Address, weight: number, isBackup = false): string | undefined {
  const text = printAddress(address);
  if (draft.taken.has(text)) return `expected each address once, got ${quote(text)} again`;
  draft.taken.add(text);
  draft.members.push(isBackup ? { address, weight, isBackup } : { address, weight });
  return undefined;
}

/** @returns an error message about the name or the value, or nothing */
function addOption(draft: Draft, name: string, text: string): string | undefined {
  const option = OPTIONS[name];
  if (option === undefined) return unknownOption(name);
  const value = readOption(option, text);
  if (value === undefined) return `expected ${expectation(option)}, got ${quote(text)}`;
  draft.options.set(name, value);
  return undefined;
}

function unknownOption(name: string): string {
  const meant = nearest(name, OPTION_NAMES);
  if (meant !== undefined) return `no such option; did you mean ${meant}?`;
  return "no such option; a member whose name has no dot needs its port";
}

function hashOnProblem(draft: Draft): string | undefined {
  const { options } = draft;
  const isHash = options.get("balance")?.value === "hash";
  const hashOn = options.get("hash_on")?.value as HashOn | undefined;
  if (isHash && hashOn === undefined) return `field "balance": expected hash_on beside hash, got nothing`;
  if (!isHash && hashOn !== undefined) return `field "hash_on": expected balance hash beside it`;
  const [isCookie] = string.find(hashOn?.variable ?? "", "^cookie_");
  if (options.get("hash_cookie")?.value === "issue" && isCookie === undefined) {
    return `field "hash_cookie": expected hash_on cookie:NAME beside issue`;
  }
  return undefined;
}

/** @returns the pool's text; `bad_pool` if it has no member, too many members or too many bytes */
function printDraft(draft: Draft): Result<string, "bad_pool"> {
  const { members, options } = draft;
  if (members.length === 0) return bad("expected a member, got none");
  if (members.length > MOST_BACKENDS) return bad(tooManyMembers(`${members.length}`));
  const fields: Field[] = [];
  for (const { address, weight, isBackup } of members) {
    fields.push({ name: printAddress(address), value: isBackup === true ? `${weight} backup` : tostring(weight) });
  }
  for (const [name, { text }] of options) fields.push({ name, value: text });
  const text = printFields(fields);
  if (text.length > POOL_BYTES) {
    return bad(`expected no more than ${POOL_BYTES} bytes, each member with port and weight, got ${text.length}`);
  }
  return $multi(text, undefined);
}

function definitionOf(draft: Draft): PoolDefinition {
  const { members, options } = draft;
  const [given] = next(options);
  return { members, options: given === undefined ? NO_OPTIONS : optionValues(options) };
}

function optionValues(options: ReadonlyLuaMap<string, OptionValue>): OptionValues {
  const values = new LuaTable<string, unknown>();
  for (const name of OPTION_NAMES) values.set(camelCase(name), (options.get(name) ?? FALLBACKS.get(name))?.value);
  return values as unknown as OptionValues;
}

function namesAndFallbacks(): LuaMultiReturn<[names: string[], fallbacks: LuaMap<string, OptionValue>]> {
  const names: string[] = [];
  const fallbacks = new LuaMap<string, OptionValue>();
  for (const [name, option] of pairs(POOL_OPTIONS as Record<string, PoolOption>)) {
    names.push(name);
    if (option.fallback !== undefined) fallbacks.set(name, assert(readOption(option, option.fallback)));
  }
  return $multi(names, fallbacks);
}

function camelCase(name: string): string {
  const [camel] = string.gsub(name, "_(%l)", string.upper);
  return camel;
}

/** @returns the error message for too many members; `got` says how many were found. */
export function tooManyMembers(got: string): string {
  return `expected no more than ${MOST_BACKENDS} members, got ${got}`;
}

function bad(detail: string): LuaMultiReturn<[value: undefined, err: "bad_pool", detail: string]> {
  return $multi(undefined, "bad_pool", detail);
}

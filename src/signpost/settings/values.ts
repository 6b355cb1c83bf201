import { TablePrefixes } from "../redis/key_spaces";
import { quote } from "../text/complaint";
import { problemWith } from "./check";
import type { Knob } from "./knob";
import { KNOBS } from "./knobs";
import { nearest } from "../text/nearest";
import { describe } from "../text/numbers";

/** What `init` was called with, whatever it holds. */
export type Given = LuaTable<AnyNotNil, unknown>;

type Knobs = typeof KNOBS;

interface Kinds {
  string: string;
  boolean: boolean;
  number: number;
  integer: number;
  ranges: readonly string[];
  tables: Readonly<Record<string, TablePrefixes>>;
}

/** May be absent if it does not fall back. */
type Value<K extends Knob> =
  | (K extends { kind: "choice" } ? K["choices"][number] : Kinds[Exclude<K["kind"], "choice">])
  | (K extends { fallback: unknown } ? never : undefined);

/** What was given, or else the fallback, of each setting. */
export type Values = { readonly [Name in keyof Knobs]: Value<Knobs[Name]> };

/** The names of the settings that go into `Settings.endpoint`. */
export type EndpointPart = {
  [Name in keyof Knobs]: Knobs[Name] extends { part: "endpoint" } ? Name : never;
}[keyof Knobs];

/** Adds a problem for each key of `given` that is the name of no setting. */
export function checkNames(given: Given, problems: string[]): void {
  const known: string[] = [];
  for (const [name] of pairs(KNOBS)) known.push(name);
  for (const [key] of pairs(given)) {
    if (typeof key !== "string") problems.push(`settings: expected names as keys, got ${describe(key)}`);
    else if ((KNOBS as Record<string, unknown>)[key] === undefined) problems.push(unknownName(key, known));
  }
}

function unknownName(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  return `${quote(name)}: no such setting${hint}`;
}

/** Each setting's value. One that is wrong is a problem and absent. */
export function readValues(given: Given, problems: string[]): Partial<Values> {
  const values = new LuaTable<string, unknown>();
  for (const [name, knob] of pairs(KNOBS as Record<string, Knob>)) {
    const [value, problem] = readValue(knob, given.get(name));
    values.set(name, value);
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
  }
  return values as unknown as Partial<Values>;
}

function readValue(knob: Knob, given: unknown): LuaMultiReturn<[value: unknown, problem: string | undefined]> {
  if (given === undefined) return $multi(knob.fallback, undefined);
  const problem = problemWith(knob, given);
  if (problem !== undefined) return $multi(undefined, problem);
  return $multi(given, undefined);
}

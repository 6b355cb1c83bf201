import { TablePrefixes } from "../redis/key_spaces";
import { quote } from "../text/complaint";
import { problemWith } from "./check";
import type { Knob } from "./knob";
import { KNOBS } from "./knobs";
import { nearest } from "../text/nearest";
import { describe } from "../text/numbers";

/** The argument of `init`, not yet checked. */
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

/** The type of a setting's value, which may be absent if the setting has no fallback. */
type Value<K extends Knob> =
  | (K extends { kind: "choice" } ? K["choices"][number] : Kinds[Exclude<K["kind"], "choice">])
  | (K extends { fallback: unknown } ? never : undefined);

/** The value of each setting: the given one, or else the fallback. */
export type Values = { readonly [Name in keyof Knobs]: Value<Knobs[Name]> };

/** The names of the settings that go into `Settings.endpoint`. */
export type EndpointPart = {
  [Name in keyof Knobs]: Knobs[Name] extends { part: "endpoint" } ? Name : never;
}[keyof Knobs];

/** Adds a problem for each key of `given` that is not the name of a setting. */
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

/** Reads the value of each setting. A wrong value adds a problem and is absent from the result. */
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

import { quote } from "../text/complaint";
import { parseIpRange } from "../format/ip_range";
import type { Knob } from "./knob";
import { problemWithTables } from "./tables";
import { describe, describeType } from "../text/numbers";

/**
 * Checks a value against its setting.
 * @returns what was expected and what was given, or nothing if the value is valid
 */
export function problemWith(knob: Knob, value: unknown): string | undefined {
  if (knob.kind === "ranges") return problemWithRanges(knob, value);
  if (knob.kind === "tables") return problemWithTables(knob, value);
  if (isAllowed(knob, value)) return undefined;
  return `expected ${expectation(knob)}, got ${shown(knob, value)}`;
}

function problemWithRanges(knob: RangesKnob, value: unknown): string | undefined {
  if (!isList(value)) return `expected a list of ranges of IP addresses, got ${describe(value)}`;
  if (!isWithin(knob, value.length)) return `expected ${knob.min} to ${knob.max} ranges, got ${value.length}`;
  for (const i of $range(1, value.length)) {
    const item: unknown = value[i - 1];
    if (typeof item !== "string") return `item ${i}: expected a string, got ${describe(item)}`;
    const [, err, detail] = parseIpRange(item);
    if (err !== undefined) return `item ${i}: ${detail}`;
  }
  return undefined;
}

/** Whether a value is a table whose keys are exactly 1, 2, 3 … */
function isList(value: unknown): value is readonly unknown[] {
  if (type(value) !== "table") return false;
  let count = 0;
  for (const [key] of pairs(value as LuaTable<AnyNotNil, unknown>)) {
    count += 1;
    if (typeof key !== "number") return false;
  }
  return count === (value as readonly unknown[]).length;
}

type RangesKnob = Extract<Knob, { kind: "ranges" }>;

type PlainKnob = Exclude<Knob, { kind: "ranges" | "tables" }>;

function isAllowed(knob: PlainKnob, value: unknown): boolean {
  if (knob.kind === "boolean") return typeof value === "boolean";
  if (knob.kind === "choice") return typeof value === "string" && isOneOf(knob.choices, value);
  if (knob.kind === "string") return typeof value === "string" && isWithin(knob, value.length);
  // Infinity passes the integer check but is never in range; NaN passes neither check.
  return typeof value === "number" && isWithin(knob, value) && (knob.kind === "number" || math.floor(value) === value);
}

function isOneOf(words: readonly string[], value: string): boolean {
  for (const word of words) {
    if (word === value) return true;
  }
  return false;
}

function quoted(words: readonly string[]): string[] {
  const texts: string[] = [];
  for (const word of words) texts.push(quote(word));
  return texts;
}

function isWithin(range: { readonly min: number; readonly max: number }, value: number): boolean {
  return value >= range.min && value <= range.max;
}

function expectation(knob: PlainKnob): string {
  if (knob.kind === "boolean") return "true or false";
  if (knob.kind === "choice") return table.concat(quoted(knob.choices), " or ");
  const range = `${knob.min} to ${knob.max}`;
  if (knob.kind === "string") return `a string of ${range} bytes`;
  const unit = knob.unit === undefined ? "" : ` ${knob.unit}`;
  return `${knob.kind === "integer" ? "an integer" : "a number"} from ${range}${unit}`;
}

function shown(knob: Knob, value: unknown): string {
  if (knob.kind === "string" && typeof value === "string") return `${value.length} bytes`;
  return knob.secret === true ? describeType(value) : describe(value);
}

import type { Knob } from "./knob";
import { describe, describeType } from "./text";

/**
 * Whether `value` may be what `knob` is set to.
 * @returns what was expected and what was given instead, or nothing if it may
 */
export function problemWith(knob: Knob, value: unknown): string | undefined {
  if (isAllowed(knob, value)) return undefined;
  return `expected ${expectation(knob)}, got ${shown(knob, value)}`;
}

function isAllowed(knob: Knob, value: unknown): boolean {
  if (knob.kind === "boolean") return typeof value === "boolean";
  if (knob.kind === "string") return typeof value === "string" && isWithin(knob, value.length);
  // Infinity is whole, but never within a range; NaN is neither.
  return typeof value === "number" && isWithin(knob, value) && (knob.kind === "number" || math.floor(value) === value);
}

function isWithin(range: { readonly min: number; readonly max: number }, value: number): boolean {
  return value >= range.min && value <= range.max;
}

function expectation(knob: Knob): string {
  if (knob.kind === "boolean") return "true or false";
  const range = `${knob.min} to ${knob.max}`;
  if (knob.kind === "string") return `a string of ${range} bytes`;
  const unit = knob.unit === undefined ? "" : ` ${knob.unit}`;
  return `${knob.kind === "integer" ? "an integer" : "a number"} from ${range}${unit}`;
}

function shown(knob: Knob, value: unknown): string {
  if (knob.kind === "string" && typeof value === "string") return `${value.length} bytes`;
  return knob.secret === true ? describeType(value) : describe(value);
}

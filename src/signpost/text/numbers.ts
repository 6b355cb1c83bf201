import { quote } from "./complaint";

/** A value as messages show it: a string, number or boolean itself; for any other value, its type. */
export function describe(value: unknown): string {
  if (typeof value === "string") return `the string ${quote(value)}`;
  if (typeof value === "number") return `the number ${numberText(value)}`;
  if (typeof value === "boolean") return tostring(value);
  return describeType(value);
}

/** A value's type as messages show it. Used for values that may contain a password. */
export function describeType(value: unknown): string {
  return value === undefined ? "nothing" : `a ${type(value)}`;
}

/** A number with enough digits to distinguish it from every other number. */
export function numberText(value: number): string {
  // The C library prints "nan" with either sign.
  if (value !== value) return "NaN";
  const short = string.format("%.14g", value);
  return tonumber(short) === value ? short : string.format("%.17g", value);
}

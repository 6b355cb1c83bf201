import { quote } from "./complaint";

/** A value as a message shows it: a string, number or boolean itself, of anything else the type. */
export function describe(value: unknown): string {
  if (typeof value === "string") return `the string ${quote(value)}`;
  if (typeof value === "number") return `the number ${numberText(value)}`;
  if (typeof value === "boolean") return tostring(value);
  return describeType(value);
}

/** A value's type as a message shows it: for what may hold a password. */
export function describeType(value: unknown): string {
  return value === undefined ? "nothing" : `a ${type(value)}`;
}

/** A number in as many digits as tell it from every other. */
export function numberText(value: number): string {
  // The C library's own "nan" comes with either sign.
  if (value !== value) return "NaN";
  const short = string.format("%.14g", value);
  return tonumber(short) === value ? short : string.format("%.17g", value);
}

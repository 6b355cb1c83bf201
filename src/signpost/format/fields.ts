/**
 * Converts a Redis hash to one text and back. A cache record holds one text, and a change is found by comparing two
 * texts.
 *
 * Each field is a line feed, the name, a tab and the value. The fields are sorted, because Redis returns them in any
 * order.
 */

/** One field of a hash. In the text, neither name nor value contains a tab or a line feed. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** @param flat the reply to `HGETALL`: name, value, name, value, … @returns its fields, sorted by name */
export function fieldsOf(flat: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (const i of $range(0, flat.length - 1, 2)) fields.push({ name: flat[i] ?? "", value: flat[i + 1] ?? "" });
  if (!areInOrder(flat)) table.sort(fields, isBefore);
  return fields;
}

const isBefore = (one: Field, other: Field) => one.name < other.name;

/** @returns the flat list, sorted by name: the given list itself if it is already sorted. */
export function sortedByName(flat: readonly string[]): readonly string[] {
  if (areInOrder(flat)) return flat;
  const copy: string[] = [];
  for (const { name, value } of fieldsOf(flat)) {
    copy.push(name);
    copy.push(value);
  }
  return copy;
}

/** Whether a flat list is sorted by name. Many are, because most hashes have one or two fields. */
function areInOrder(flat: readonly string[]): boolean {
  for (const i of $range(2, flat.length - 1, 2)) {
    if ((flat[i] as string) < (flat[i - 2] as string)) return false;
  }
  return true;
}

/** @param fields names and values must contain no byte below a blank (0x20) */
export function printFields(fields: readonly Field[]): string {
  const lines: string[] = [];
  for (const { name, value } of fields) lines.push(printField(name, value));
  return joinFields(lines);
}

/** @returns the text of one field, for `joinFields`. Name and value must contain no byte below a blank (0x20). */
export function printField(name: string, value: string): string {
  return `\n${name}\t${value}`;
}

/** @param lines results of `printField`, in any order; they are sorted in place */
export function joinFields(lines: string[]): string {
  let last = "";
  let isSorted = true;
  for (const line of lines) {
    if (line < last) isSorted = false;
    last = line;
  }
  if (!isSorted) table.sort(lines);
  return table.concat(lines);
}

/** @returns the fields; nothing if the text is not a result of `printFields` with at least one field */
export function parseFields(text: string): Field[] | undefined {
  const fields: Field[] = [];
  let bytes = 0;
  for (const [name = "", value = ""] of string.gmatch(text, "\n([^\t\n]+)\t([^\t\n]*)")) {
    fields.push({ name, value });
    bytes += name.length + value.length + 2;
  }
  return bytes > 0 && bytes === text.length ? fields : undefined;
}

/** @returns an error message if the texts have more than `maxBytes` together, or nothing */
export function sizeProblem(texts: readonly string[], maxBytes: number): string | undefined {
  let bytes = 0;
  for (const text of texts) bytes += text.length;
  return bytes > maxBytes ? `expected no more than ${maxBytes} bytes, got ${bytes}` : undefined;
}

/** A copy of the texts, sorted by their bytes. The given list does not change. */
export function sorted(texts: readonly string[]): string[] {
  const copy: string[] = [];
  for (const text of texts) copy.push(text);
  table.sort(copy);
  return copy;
}

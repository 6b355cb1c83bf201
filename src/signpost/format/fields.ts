/**
 * A Redis hash as one text and back: a record of the cache holds one text, and a change is found by comparing two.
 *
 * Every field is a line feed, the name, a tab, the value; sorted, so that Redis may tell the fields in any order.
 */

/** One field of a hash. In a text neither part holds a tab or a line feed. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** @param flat what `HGETALL` answers: name, value, name, value, … @returns its fields, sorted by name */
export function fieldsOf(flat: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (const i of $range(0, flat.length - 1, 2)) fields.push({ name: flat[i] ?? "", value: flat[i + 1] ?? "" });
  if (!areInOrder(flat)) table.sort(fields, isBefore);
  return fields;
}

const isBefore = (one: Field, other: Field) => one.name < other.name;

/** @returns the same, flat again: the list that was given, if it is in order. */
export function sortedByName(flat: readonly string[]): readonly string[] {
  if (areInOrder(flat)) return flat;
  const copy: string[] = [];
  for (const { name, value } of fieldsOf(flat)) {
    copy.push(name);
    copy.push(value);
  }
  return copy;
}

/** Most hashes have one field or two, and then many are in order already. */
function areInOrder(flat: readonly string[]): boolean {
  for (const i of $range(2, flat.length - 1, 2)) {
    if ((flat[i] as string) < (flat[i - 2] as string)) return false;
  }
  return true;
}

/** @param fields whose names and values hold no byte below a blank */
export function printFields(fields: readonly Field[]): string {
  const lines: string[] = [];
  for (const { name, value } of fields) lines.push(printField(name, value));
  return joinFields(lines);
}

/** @returns one field, of such a name and value, as `joinFields` takes it. */
export function printField(name: string, value: string): string {
  return `\n${name}\t${value}`;
}

/** @param lines of `printField`, in any order; they are sorted in place */
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

/** @returns nothing for a text that is not one of `printFields` with at least one field */
export function parseFields(text: string): Field[] | undefined {
  const fields: Field[] = [];
  let bytes = 0;
  for (const [name = "", value = ""] of string.gmatch(text, "\n([^\t\n]+)\t([^\t\n]*)")) {
    fields.push({ name, value });
    bytes += name.length + value.length + 2;
  }
  return bytes > 0 && bytes === text.length ? fields : undefined;
}

/** @returns what is wrong with texts that have more than `maxBytes` together, or nothing */
export function sizeProblem(texts: readonly string[], maxBytes: number): string | undefined {
  let bytes = 0;
  for (const text of texts) bytes += text.length;
  return bytes > maxBytes ? `expected no more than ${maxBytes} bytes, got ${bytes}` : undefined;
}

/** The texts in ascending order of their bytes; the list that was given stays as it is. */
export function sorted(texts: readonly string[]): string[] {
  const copy: string[] = [];
  for (const text of texts) copy.push(text);
  table.sort(copy);
  return copy;
}

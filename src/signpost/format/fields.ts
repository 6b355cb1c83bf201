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
  if (!areInOrder(fields)) table.sort(fields, isBefore);
  return fields;
}

const isBefore = (one: Field, other: Field) => one.name < other.name;

/** Most hashes have one field or two, and then many are in order already. */
function areInOrder(fields: readonly Field[]): boolean {
  for (const i of $range(1, fields.length - 1)) {
    if (isBefore(fields[i] as Field, fields[i - 1] as Field)) return false;
  }
  return true;
}

/** @param fields whose names and values hold no byte below a blank */
export function printFields(fields: readonly Field[]): string {
  const lines: string[] = [];
  let isSorted = true;
  let last = "";
  for (const { name, value } of fields) {
    const line = `\n${name}\t${value}`;
    if (line < last) isSorted = false;
    last = line;
    lines.push(line);
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

import { Result } from "../result";
import { Forms } from "./forms";
import { spaceOf } from "./key_spaces";
import { Keys } from "./keys";
import { Reading } from "./reading";
import { ReadValues, Value, WantedKey } from "./read_values";
import { readingOf } from "./replies";
import { Unread } from "./steps";

/** @returns one reading for each name, in their order; or why Redis did not tell. Yields. */
export type ReadRoutes = (this: void, names: readonly string[]) => Result<readonly Reading[], Unread>;

/**
 * Reads routes and pools by name. Each reading is valid on its own: a name's own ticket says whether it has changed
 * since it was asked for.
 */
export function routeReader(readValues: ReadValues, keys: Keys): ReadRoutes {
  return (names) => {
    const wanted: WantedKey[] = [];
    for (const name of names) {
      wanted.push({
        key: keys.keyOf(name),
        stringBytes: spaceOf(name).forms.stringBytes,
        prefix: keys.prefixOf(name),
      });
    }
    const [values, err, detail] = readValues(wanted);
    if (err !== undefined) return $multi(undefined, err, detail);
    const readings: Reading[] = [];
    for (const i of $range(0, names.length - 1)) {
      readings.push(readingFrom(spaceOf(names[i] as string).forms, values[i] as Value));
    }
    return $multi(readings, undefined);
  };
}

function readingFrom(forms: Forms, value: Value): Reading {
  if (value.kind === "absent") return value;
  if (value.kind === "text") return readingOf(forms.string, value.text);
  if (value.kind !== "items" && value.kind !== "too_many") return { kind: "bad", reason: value.reason };
  const form = forms.others[value.type];
  if (value.kind === "too_many") return { kind: "bad", reason: form.tooMany(value.count) };
  return readingOf(form.read, value.items);
}

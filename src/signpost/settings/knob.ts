/** The properties common to all settings. */
interface AnyKnob {
  /** The position in the README's table, because a Lua table keeps no order. The gaps leave room for new settings. */
  readonly order: number;
  /** One or two plain sentences, Markdown. */
  readonly meaning: string;
  /** The value may contain a password, so no message shows it. */
  readonly secret?: true;
  /** The setting becomes part of `Settings.endpoint`. It is not a field of `Settings`. */
  readonly part?: "endpoint";
}

/** A setting that is a number, from `min` to `max`. NaN and infinities are never in range. */
interface NumberKnob extends AnyKnob {
  readonly kind: "number" | "integer";
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
  /** The unit as printed after the number; absent if the number is only a name. */
  readonly unit?: string;
}

/** A setting that is a string of `min` to `max` bytes. */
interface StringKnob extends AnyKnob {
  readonly kind: "string";
  readonly fallback?: string;
  readonly min: number;
  readonly max: number;
  readonly unit: "bytes";
}

/** A setting that is true or false. */
interface BooleanKnob extends AnyKnob {
  readonly kind: "boolean";
  readonly fallback: boolean;
}

/** A setting that is a list of `min` to `max` ranges of IP addresses. Absent: there is no list. */
interface RangesKnob extends AnyKnob {
  readonly kind: "ranges";
  readonly fallback?: undefined;
  readonly min: number;
  readonly max: number;
  readonly unit: "ranges";
}

/** A setting that is one of several words. */
interface ChoiceKnob extends AnyKnob {
  readonly kind: "choice";
  readonly fallback: string;
  readonly choices: readonly string[];
}

/** A setting that defines `min` to `max` further tables by name. Absent: there are none. */
interface TablesKnob extends AnyKnob {
  readonly kind: "tables";
  readonly fallback?: undefined;
  readonly min: number;
  readonly max: number;
  readonly unit: "tables";
}

/** The complete description of one setting. */
export type Knob = NumberKnob | StringKnob | BooleanKnob | ChoiceKnob | RangesKnob | TablesKnob;
